from pathlib import Path
import pytest
from bot.catalogue import service
@pytest.mark.parametrize("c", ["03b8ecc","e25ea75"])
def test_old(database, c):
    p=Path("/tmp/w/test_old")/c/"data/catalogue"
    for _ in range(2):
        with database.transaction() as s: print(service.import_files(s,[p]))
