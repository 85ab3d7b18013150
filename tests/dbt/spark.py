"""A Spark cluster on loopback, dbt beside it, and the rows they write."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psutil

from desk.tether import holding
from flows.engines import DBT_OF_SPARK
from tests.dbt.engines import Row
from tests.processes import TETHER, free_port, within

WORKERS = 2
# For a build of few rows: little memory, few tasks, and no compiling for the long run.
FRUGAL = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_MEMORY": "1g",
    "SPARK_PARTITIONS": "2",
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def is_installed() -> bool:
    """Whether `make spark` has made its environment: not without a Java."""
    return DBT_OF_SPARK.exists()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A standalone master and its workers, each a process of its own."""

    url: str
    web: str
    folder: Path
    workers: Sequence[subprocess.Popen[bytes]]

    def alive(self) -> int:
        """Workers that the master can reach."""
        answer = httpx.get(f"{self.web}/json/", trust_env=False).raise_for_status()
        told: dict[str, Any] = answer.json()
        return int(told["aliveworkers"])

    def kill(self, worker: int) -> None:
        """Take away a worker and its executors, as if its machine were gone."""
        assert list((self.folder / f"worker-{worker}").glob("app-*/*"))
        for victim in psutil.Process(self.workers[worker].pid).children(recursive=True):
            victim.kill()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A master and two workers; they end with the block."""
    port, web = free_port(), free_port()
    host = ("--host", "127.0.0.1")
    url = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(
            _node(folder, "master.Master", *host, "--port", str(port),
                  "--webui-port", str(web))
        )  # fmt: skip
        workers = [
            stack.enter_context(
                _node(folder, "worker.Worker", *host, "--webui-port", "0",
                      "--cores", "2", "--memory", "2g",
                      "--work-dir", str(folder / f"worker-{number}"), url)
            )
            for number in range(WORKERS)
        ]  # fmt: skip
        made = Cluster(url, f"http://127.0.0.1:{web}", folder, workers)
        assert within(60, lambda: _is_complete(made)), _logs(folder)
        yield made


def _is_complete(made: Cluster) -> bool:
    # Before this page, a refusal, then 404, then the front page for any address.
    try:
        return made.alive() == WORKERS
    except (httpx.HTTPError, json.JSONDecodeError):
        return False


def _logs(folder: Path) -> str:
    return "\n".join(log.read_text()[-2000:] for log in folder.glob("*.log"))


@contextmanager
def _node(
    folder: Path, name: str, *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Spark's that ends with the block, and with this process."""
    programs = DBT_OF_SPARK.parent
    spark_class = next(programs.parent.glob("lib/*/site-packages/pyspark/bin"))
    log = folder / f"{name}-{len(list(folder.glob('*.log')))}.log"
    lock = log.with_suffix(".lock")
    with holding(lock), log.open("wb") as output:
        process = subprocess.Popen(
            [*TETHER, str(lock), str(spark_class / "spark-class"),
             f"org.apache.spark.deploy.{name}", *arguments],
            env=_environment(folder), stdout=output, stderr=output, cwd=folder,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _environment(folder: Path) -> Mapping[str, str]:
    """This process's, with what is frugal; Spark's files lie in the folder."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("SPARK_")},
        "PATH": f"{DBT_OF_SPARK.parent}{os.pathsep}{os.environ['PATH']}",
        **FRUGAL,
        "JAVA_TOOL_OPTIONS": f"{FRUGAL['JAVA_TOOL_OPTIONS']} -Djava.io.tmpdir={folder}",
        "SPARK_LOCAL_DIRS": str(folder),
    }


@dataclass(frozen=True, slots=True)
class Built:
    """The folder that `desk research --engine spark` builds in."""

    folder: Path

    def rows_of(self, table: str, order: str) -> list[Row]:
        """All rows of a table, in order."""
        schema, name = table.split(".")
        files = self.folder / "spark" / f"{schema}.db" / name / "*.parquet"
        query = f"select * from read_parquet('{files}') order by {order}"
        with duckdb.connect() as conn:
            return list(conn.sql(query).to_arrow_table().to_pylist())

    def dbt_build(self, project: Path, *selected: str) -> Mapping[str, tuple[str, str]]:
        """Build those models of a project here; status and message of each."""
        subprocess.run(
            [str(DBT_OF_SPARK), "build", "--target", "spark", "--select", *selected,
             "--exclude-resource-type", "unit_test",
             "--project-dir", str(project), "--profiles-dir", str(project),
             "--target-path", str(self.folder / "other"),
             "--log-path", str(self.folder / "other")],
            env={
                **_environment(self.folder),
                "SPARK_MASTER": "local[2]",
                "SPARK_SNAPSHOT": str(self.folder / "snapshot"),
                "SPARK_WAREHOUSE": str(self.folder / "spark"),
            },
            capture_output=True,
        )  # fmt: skip
        told = json.loads((self.folder / "other" / "run_results.json").read_text())
        return {
            result["unique_id"].split(".")[2]: (
                result["status"],
                result["message"] or "",
            )
            for result in told["results"]
        }
