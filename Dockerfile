# syntax=docker/dockerfile:1
# Two targets, as there are two interpreters: `app` (web, worker, actions) and `rasa`. Both carry the model that is
# trained here from the sources, so a clone is all that is needed: docker compose up --build

FROM python:3.12-slim AS app-packages
COPY requirements/tools.txt requirements/app.txt /requirements/
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --require-hashes -r /requirements/tools.txt \
    && python -m venv --without-pip /venv \
    && /tools/bin/uv pip sync --no-cache --require-hashes --python /venv/bin/python /requirements/app.txt

FROM python:3.10-slim AS rasa-packages
COPY requirements/tools.txt requirements/rasa.txt /requirements/
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --require-hashes -r /requirements/tools.txt \
    && python -m venv --without-pip /venv \
    && /tools/bin/uv pip sync --no-cache --require-hashes --python /venv/bin/python /requirements/rasa.txt

FROM rasa-packages AS model
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app TF_CPP_MIN_LOG_LEVEL=2 RASA_TELEMETRY_ENABLED=false \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 RASA_MAX_CACHE_SIZE=0
COPY bot/__init__.py ./bot/__init__.py
COPY bot/nlu ./bot/nlu
COPY config.yml domain.yml ./
COPY domain ./domain
COPY data ./data
RUN python -m rasa train --fixed-model-name jawab --out models --config config.yml --domain domain.yml \
    --data data/nlu data/rules data/stories

FROM app-packages AS detector
WORKDIR /app
COPY bot ./bot
COPY data/nlu ./data/nlu
RUN PYTHONPATH=/app /venv/bin/python -c \
    "from pathlib import Path; from bot.dialogue.detector_training import train_detector; train_detector(Path('.'))"

FROM node:22-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM python:3.12-slim AS app
RUN useradd --system --uid 10001 --create-home jawab && install -d -o jawab -g jawab /app /app/var /app/var/media
WORKDIR /app
COPY --from=app-packages /venv /venv
COPY --from=front-end /app/node_modules ./node_modules
COPY --from=detector /app/models ./models
COPY bot ./bot
COPY actions ./actions
COPY data ./data
COPY domain.yml ./
COPY domain ./domain
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 JAWAB_HOST=0.0.0.0 JAWAB_LOG_FORMAT=json
USER jawab
EXPOSE 8080
CMD ["uvicorn", "bot.main:create_app", "--factory", "--host", "0.0.0.0", "--port", "8080", \
     "--no-server-header", "--no-access-log", "--timeout-graceful-shutdown", "20"]

FROM python:3.10-slim AS rasa
RUN useradd --system --uid 10001 --create-home jawab && install -d -o jawab -g jawab /app
WORKDIR /app
COPY --from=rasa-packages /venv /venv
COPY --from=model /app/models ./models
COPY bot/__init__.py ./bot/__init__.py
COPY bot/nlu ./bot/nlu
COPY config.yml domain.yml endpoints.yml credentials.yml ./
COPY domain ./domain
COPY data/notions.yaml ./data/notions.yaml
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TF_CPP_MIN_LOG_LEVEL=2 \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 RASA_TELEMETRY_ENABLED=false
USER jawab
EXPOSE 5005
# Secrets come as files; Rasa's configuration reads the environment.
CMD ["sh", "-c", "export JAWAB_RASA_TOKEN=$(cat /run/secrets/rasa_token); \
     exec python -m rasa run --interface 0.0.0.0 --port 5005 --model models/jawab.tar.gz \
     --endpoints endpoints.yml --credentials credentials.yml"]
