"""People with an account here, and those who came by a link of ours. Nobody pays them but the modeler: the money leaves by a file that
a person gives to a bank. Paying is therefore a line in that file, and a line written twice under one key is one line."""

from __future__ import annotations

from btm.platforms.platform import Payment, PlatformRefused, Receipt

NOTE = "Paid by the file of its batch: give that file to your bank."


class LocalPlatform:
    """Pays by file. `name` is `local` for accounts made here and `link` for those who came by an invite."""

    def __init__(self, name: str = "local") -> None:
        self.name = name

    def pay(self, payment: Payment) -> Receipt:
        """The payment's line in its batch's file. Raises PlatformRefused for a sum that is no payment."""
        if payment.cents <= 0:
            raise PlatformRefused("A payment must be of at least one cent.")
        return Receipt(f"file:{payment.key}", NOTE)

    def find_payment(self, payment: Payment) -> Receipt | None:
        """Nothing: there is no memory but the batch's own rows, and writing a line again harms nobody."""
        return None
