{{ bars_by('month') }}
