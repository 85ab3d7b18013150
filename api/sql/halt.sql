select trading.halt(%(kill)s, %(reason)s)
