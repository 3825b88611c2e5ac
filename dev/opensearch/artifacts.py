"""What one node is made of: the minimal distribution, the modules it lacks, two plugins; and the Maven file for them.

2.19 is the last version that runs on Java 17. The k-NN archive that Maven serves holds no native libraries, so an index
must name the engine `lucene`; the default one ends the whole node at the first document (k-NN issue 2643).
"""

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape  # nosec B406  # writes XML and reads none

VERSION = "2.19.1"
_PLUGIN = "2.19.1.0"
DISTRIBUTION = ("org.opensearch.distribution.integ-test-zip", "opensearch", VERSION, "zip")
PLUGINS = (
    ("org.opensearch.plugin", "opensearch-knn", _PLUGIN, "zip"),
    # Only the benchmark asks it, to see whether its `hybrid` query would be faster than ours. It extends k-NN.
    ("org.opensearch.plugin", "neural-search", _PLUGIN, "zip"),
)

Coordinate = tuple[str, str, str, str]


@dataclass(frozen=True)
class Module:
    """A folder of jars that the distribution loads at its start."""

    name: str
    main_class: str
    extends: str
    jars: tuple[Coordinate, ...]


def _jars(*coordinates: str) -> tuple[Coordinate, ...]:
    parted = (each.split(":") for each in coordinates)
    return tuple((group, name, version, "jar") for group, name, version in parted)


MODULES = (
    Module(
        "lang-painless",
        "org.opensearch.painless.PainlessPlugin",
        "",
        _jars(
            f"org.opensearch.plugin:lang-painless:{VERSION}",
            f"org.opensearch.plugin:opensearch-scripting-painless-spi:{VERSION}",
            "org.antlr:antlr4-runtime:4.13.1",
            "org.ow2.asm:asm:9.7",
            "org.ow2.asm:asm-util:9.7",
            "org.ow2.asm:asm-tree:9.7",
            "org.ow2.asm:asm-commons:9.7",
            "org.ow2.asm:asm-analysis:9.7",
        ),
    ),
    Module(
        "reindex",
        "org.opensearch.index.reindex.ReindexPlugin",
        "",
        _jars(
            f"org.opensearch.plugin:reindex-client:{VERSION}",
            f"org.opensearch.client:opensearch-rest-client:{VERSION}",
            f"org.opensearch:opensearch-ssl-config:{VERSION}",
            "org.apache.httpcomponents:httpclient:4.5.14",
            "org.apache.httpcomponents:httpcore:4.4.16",
            "org.apache.httpcomponents:httpasyncclient:4.1.5",
            "org.apache.httpcomponents:httpcore-nio:4.4.16",
            "commons-codec:commons-codec:1.16.1",
            "commons-logging:commons-logging:1.2",
        ),
    ),
)
# Compiled scripts are classes of their own.
PAINLESS_POLICY = """grant {
  permission java.lang.RuntimePermission "createClassLoader";
  permission java.lang.RuntimePermission "getClassLoader";
};
"""


def descriptor(module: Module) -> str:
    """A module's `plugin-descriptor.properties`."""
    lines = {
        "description": module.name,
        "version": VERSION,
        "name": module.name,
        "classname": module.main_class,
        "java.version": "11",
        "opensearch.version": VERSION,
        "custom.foldername": "",
        "extended.plugins": module.extends,
        "has.native.controller": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def project(stage: Path) -> str:
    """The Maven project that brings everything into `stage`: `dist/`, `plugins/` and `modules/NAME/`."""
    unpacked = _item(DISTRIBUTION, stage / "dist")
    copied = [_item(plugin, stage / "plugins") for plugin in PLUGINS]
    copied += [_item(jar, stage / "modules" / module.name) for module in MODULES for jar in module.jars]
    executions = _execution("unpack", [unpacked]) + _execution("copy", copied)
    return f"""<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>opensearch-node</artifactId><version>1</version><packaging>pom</packaging>
  <build><plugins><plugin>
    <groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.6.1</version>
    <executions>{executions}</executions>
  </plugin></plugins></build>
</project>
"""


def _execution(goal: str, items: list[str]) -> str:
    return (
        f"<execution><id>{goal}</id><phase>process-resources</phase><goals><goal>{goal}</goal></goals>"
        f"<configuration><artifactItems>{''.join(items)}</artifactItems></configuration></execution>"
    )


def _item(coordinate: Coordinate, folder: Path) -> str:
    names = ("groupId", "artifactId", "version", "type")
    parts = "".join(f"<{name}>{escape(part)}</{name}>" for name, part in zip(names, coordinate, strict=True))
    return f"<artifactItem>{parts}<outputDirectory>{escape(str(folder))}</outputDirectory></artifactItem>"
