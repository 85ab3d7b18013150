"""What a peer would write: FastAPI and SQLAlchemy over the same tables.

Runs in an environment of its own, without the desk: it reads DATABASE_URL.
"""

import os
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=8)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Signal(Base):
    __tablename__ = "signals"
    __table_args__ = {"schema": "trading"}

    signal_key: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    strategy: Mapped[str]
    symbol: Mapped[str]
    bar_date: Mapped[date]
    side: Mapped[str]
    close: Mapped[float]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    orders: Mapped[list["Order"]] = relationship(order_by="Order.id.desc()")


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = {"schema": "trading"}

    id: Mapped[int] = mapped_column(primary_key=True)
    signal_key: Mapped[str] = mapped_column(ForeignKey("trading.signals.signal_key"))
    state: Mapped[str]
    reason: Mapped[str | None]
    filled_qty: Mapped[float]
    filled_avg_price: Mapped[float | None]


class Published(Base):
    __tablename__ = "published_sessions"
    __table_args__ = {"schema": "trading"}

    session_date: Mapped[date] = mapped_column(primary_key=True)


class Bar(Base):
    __tablename__ = "bars"
    __table_args__ = {"schema": "marts"}

    symbol: Mapped[str] = mapped_column(primary_key=True)
    bar_date: Mapped[date] = mapped_column(primary_key=True)
    open: Mapped[float]
    high: Mapped[float]
    low: Mapped[float]
    close: Mapped[float]
    volume: Mapped[float]
    adjusted_open: Mapped[float]
    adjusted_high: Mapped[float]
    adjusted_low: Mapped[float]
    adjusted_close: Mapped[float]
    adjusted_volume: Mapped[float]


class SignalOut(BaseModel):
    signal_key: str
    strategy: str
    symbol: str
    bar_date: date
    side: str
    close: float
    details: dict[str, Any]
    published_at: datetime
    valid_until: datetime
    executed: str | None
    executed_reason: str | None
    filled_qty: float | None
    filled_avg_price: float | None


class LatestOut(BaseModel):
    session_date: date | None
    signals: list[SignalOut]


class BarOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    symbol: str
    bar_date: date
    open: float
    high: float
    low: float
    close: float
    volume: float
    adjusted_open: float
    adjusted_high: float
    adjusted_low: float
    adjusted_close: float
    adjusted_volume: float


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


@app.get("/latest")
async def latest(session: Session, limit: int = 50) -> LatestOut:
    newest = await session.scalar(select(func.max(Published.session_date)))
    found = await session.scalars(
        select(Signal)
        .options(selectinload(Signal.orders))
        .order_by(Signal.sequence.desc())
        .limit(limit)
    )
    return LatestOut(
        session_date=newest,
        signals=[shown(signal, next(iter(signal.orders), None)) for signal in found],
    )


def shown(signal: Signal, order: Order | None) -> SignalOut:
    return SignalOut(
        signal_key=signal.signal_key,
        strategy=signal.strategy,
        symbol=signal.symbol,
        bar_date=signal.bar_date,
        side=signal.side,
        close=signal.close,
        details=signal.details,
        published_at=signal.published_at,
        valid_until=signal.valid_until,
        executed=order.state if order else None,
        executed_reason=order.reason if order else None,
        filled_qty=order.filled_qty if order else None,
        filled_avg_price=order.filled_avg_price if order else None,
    )


@app.get("/bars/{symbol}")
async def bars(session: Session, symbol: str) -> list[BarOut]:
    found = await session.scalars(
        select(Bar).where(Bar.symbol == symbol).order_by(Bar.bar_date)
    )
    return [BarOut.model_validate(bar) for bar in found]
