"""The card of a model: its papers as a page for people."""

from vfxai.models.manifest import Manifest
from vfxai.models.openness import components, framework_class, open_source_ai


def card(manifest: Manifest, parameters: int, fails: str, picture: str) -> str:
    """Markdown. `parameters` counts the weights, `fails` says what the model cannot do, `picture` names a file beside the page."""
    arguments = ", ".join(f"{k} {v}" for k, v in manifest.network.arguments.items())
    lines = [
        f"# {manifest.id}",
        "",
        f"{manifest.task[0].upper()}{manifest.task[1:]}. For the node `{manifest.node}`. Licence: {manifest.licence}.",
        "",
        f"- Architecture: `vfxai.nets` {manifest.network.architecture} ({arguments}), {parameters:,} parameters.",
        f"- Input: {manifest.input_channels} planes; {manifest.encoding}. Output: {manifest.output_channels} planes, scale {manifest.scale}.",
        f"- Trained with: `{manifest.trained_with}`.",
        f"- Safe precisions: {', '.join(manifest.precisions)}.",
        "",
        "## Data",
        "",
        "| source | licence |",
        "| --- | --- |",
        *(f"| {s.name} | {s.licence} |" for s in manifest.sources),
        "",
        "## How open",
        "",
        f"- [Model Openness Framework](https://arxiv.org/abs/2403.13784): {framework_class(manifest)}.",
        f"- [Open Source AI Definition 1.0](https://opensource.org/ai/open-source-ai-definition): {open_source_ai(manifest)}.",
        f"- Provenance: trained by this repository with the command above; SHA-256 over its files `{manifest.digest}`."
        if components(manifest)
        else f"- Provenance: not trained here; SHA-256 over its files `{manifest.digest}`.",
        "",
        *_components(manifest),
        "## Quality",
        "",
        "Measured by the training command on pictures that it never trains on. Beside peers, on other material: docs/quality.md.",
        "",
        "| what | value |",
        "| --- | ---: |",
        *(f"| {q.what} | {q.value:.2f} {q.unit} |" for q in manifest.quality),
        "",
        "## Known failures",
        "",
        fails,
        "",
        f"![Before, result, truth]({picture})",
        "",
        "Held-out picture: as the model gets it (or a simple filter of it), its result, the truth.",
        "",
    ]
    return "\n".join(lines)


def _components(manifest: Manifest) -> list[str]:
    """What is published of it, by the class of the framework that asks for it."""
    rows = [f"| {c.name} | {'I' * c.level} | {c.where.replace(' ', ', ') or 'not published'} |" for c in components(manifest)]
    return ["| part | class | where |", "| --- | --- | --- |", *rows, ""] if rows else []
