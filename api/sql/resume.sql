select trading.resume(%(now)s)
