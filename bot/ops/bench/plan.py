"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Numbers of turns and conversations; `quick` is for trying the bench itself, its figures mean little."""

    turns: int = 60
    histories: tuple[int, ...] = (0, 100, 500)
    crowd: int = 16
    crowd_turns: int = 20
    edits: int = 10
    rest_seconds: float = 5.0
    # Of the default's 100: the time of an answer does not depend on them, and all of them take hours on two cores.
    stock_epochs: int = 2
    # Of each intent; None takes all.
    stock_examples: int | None = None
    search_sizes: tuple[int, ...] = (10_000, 100_000)
    searches: int = 60
    # Of the channels: webhooks at a steady rate and in a rush, deliveries, a campaign beside those who talk, the soak.
    knocks_per_second: int = 50
    knock_seconds: int = 30
    rush_seconds: int = 10
    loose_messages: int = 4_000
    ceiling_seconds: int = 30
    campaign_messages: int = 100_000
    talkers: int = 50
    talk_seconds: int = 150
    # Longer than WhatsApp lets us write twice to one citizen.
    think_seconds: float = 10.0
    soak_seconds: int = 600
    soak_talkers: int = 60
    soak_look_seconds: float = 10.0
    # Of the desk: conversations that are over and open, who looks, pages and things that happen.
    closed_cases: int = 10_000
    open_cases: int = 200
    agents: int = 50
    page_views: int = 60
    desk_events: int = 60

    @classmethod
    def quick(cls) -> "Plan":
        """A few minutes instead of half an hour and more."""
        return cls(
            turns=6,
            histories=(0, 20),
            crowd=4,
            crowd_turns=4,
            edits=2,
            rest_seconds=1.0,
            stock_epochs=2,
            stock_examples=12,
            search_sizes=(300,),
            searches=12,
            knock_seconds=10,
            rush_seconds=3,
            loose_messages=1_000,
            ceiling_seconds=10,
            campaign_messages=5_000,
            talkers=20,
            talk_seconds=30,
            soak_seconds=60,
            soak_talkers=20,
            soak_look_seconds=2.0,
            closed_cases=500,
            open_cases=20,
            agents=10,
            page_views=10,
            desk_events=10,
        )
