"""How many counters a day needs: expected arrivals, Erlang-A, a simulated day, and what one more or fewer would do."""
