"""The measurements that the documentation cites; ``make bench`` runs them."""
