select max(session_date) from trading.published_sessions
