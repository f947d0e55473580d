"""What may meet the need is not called missing because nobody can say which of it is cheapest."""

from __future__ import annotations

from datetime import timedelta

from advisor.advising import advise_priced
from advisor.asked import AdviceAsked
from advisor.model import Course, Reading
from advisor.needs import Tiers
from advisor.prices.book import Book
from advisor.prices.pricing import Pricer
from tests.strategies import NOW, a_disk, a_vm, book, known


def test_where_a_disk_was_not_read_and_no_price_decides_it_cannot_be_said() -> None:
    """Azure Backup would meet the need, were the disk one that it takes."""
    unread = a_disk("data-01", reading=Reading.FAILED, size_gib=None, sku="Premium_LRS")
    vm = a_vm(a_disk("os", size_gib=3813, sku=None), unread, region="westeurope")
    for prices in (book(), Book([])):
        pricer = Pricer(prices, "USD", NOW.date())
        asked = AdviceAsked(vm=vm.name, rpo=timedelta(days=1))
        advice = advise_priced(known(vm), asked, Tiers(), pricer, NOW)
        assert advice.decision.courses == (Course.CANNOT_SAY,)
        assert "Nothing that this VM may use" not in advice.decision.sentence
