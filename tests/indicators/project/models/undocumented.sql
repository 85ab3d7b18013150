select * from {{ source('market', 'undocumented') }}
