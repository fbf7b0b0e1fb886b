"""The demo business: *Atelier du Canal*, a bicycle workshop, with three months of life in it."""
