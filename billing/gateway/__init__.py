"""The one door to Stripe: the only importer of its SDK. Nothing of the SDK's own types comes out of here.

`plain` says what comes out, `refusals` what goes wrong, the others are what can be asked, by Stripe's own nouns.
Amounts are integers of Stripe's minor unit and become ours in `amounts`; moments are aware, in UTC.
"""
