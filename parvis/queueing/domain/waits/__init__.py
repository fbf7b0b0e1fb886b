"""How long somebody will wait: a replay of the line from its present state, corrected and watched (F5).

- `history` holds what happened (`queue_log` reads it from a file), `habits` what a house does as learned from it:
  how long services take (`lifetimes`), in which order people are called (`order`), who arrives and starts work when
  (`rates`), who serves what (`skills`).
- `state` is the line at one instant; `replay` draws how it may go on; `estimate` says it as times, or that it cannot.
- `correction` is a small regression on top, used where it wins; `recalibration` keeps the shares promised.
- `rules` are the simple rules it is measured against, `scores` the measures, `past` a walk through a history,
  `backtest` all of it together. `worlds` makes histories of houses that never were, to test with.

Times are seconds, as floats; R draws, W people waiting, S servers, K services, P priorities, Q quantiles of a table.
"""
