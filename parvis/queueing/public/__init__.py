"""The queue as its customers meet it: kiosk, own phone, status page, display. No account, no sign-in."""
