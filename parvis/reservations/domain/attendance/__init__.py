"""Who will turn up: forecasts of cancellations and no-shows, their honesty, and what they mean for overbooking (F5).

- `model`: a house's own bookings (`facts.BookingFacts`) → probability of a cancellation and of a no-show.
- `backtest`: the same on a file of hotel bookings, month by month; which columns it uses and why: `hotel_file`.
- `overbooking`: what one more booking beyond capacity may cost or save. Advice, never applied by itself.

scikit-learn is imported only where something is fitted (`boosting`), since it takes a second and 100 MB to load.
"""
