{{ bars_by('week') }}
