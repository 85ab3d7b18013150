create schema market;

create table market.bars (
    ticker text not null,
    traded_on date not null,
    open double precision,
    high double precision,
    low double precision,
    close double precision,
    volume double precision,
    benchmark double precision,
    primary key (ticker, traded_on)
);
