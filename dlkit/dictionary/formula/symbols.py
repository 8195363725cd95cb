"""The commands of the LaTeX subset that stand for one symbol, and what each is in Unicode."""

from __future__ import annotations

_GREEK = dict(
    alpha="α", beta="β", gamma="γ", delta="δ", epsilon="ε", varepsilon="ε", zeta="ζ", eta="η",
    theta="θ", kappa="κ", lambda_="λ", mu="μ", nu="ν", xi="ξ", pi="π", rho="ρ", sigma="σ",
    tau="τ", phi="φ", varphi="φ", chi="χ", psi="ψ", omega="ω", Gamma="Γ", Delta="Δ", Theta="Θ",
    Lambda="Λ", Sigma="Σ", Phi="Φ", Psi="Ψ", Omega="Ω",
)  # fmt: skip

LETTERS = {name.rstrip("_"): letter for name, letter in _GREEK.items()} | {
    "ell": "ℓ", "partial": "∂", "nabla": "∇", "infty": "∞", "top": "⊤", "ldots": "…", "dots": "…",
    "cdots": "⋯", "forall": "∀", "prime": "′", "emptyset": "∅",
}  # fmt: skip
BINARY = {
    "cdot": "·", "times": "×", "odot": "⊙", "pm": "±", "ast": "∗", "star": "⋆", "circ": "∘",
    "cup": "∪", "cap": "∩", "oplus": "⊕", "div": "÷", "setminus": "∖", "mid": "|",
}  # fmt: skip
RELATIONS = {
    "geq": "≥", "ge": "≥", "leq": "≤", "le": "≤", "neq": "≠", "ne": "≠", "lt": "<", "gt": ">",
    "gets": "←", "leftarrow": "←", "to": "→", "rightarrow": "→", "mapsto": "↦", "Rightarrow": "⇒",
    "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆", "approx": "≈", "sim": "∼",
    "propto": "∝", "equiv": "≡", "ll": "≪", "gg": "≫", "parallel": "∥",
}  # fmt: skip
FUNCTIONS = frozenset({
    "log", "ln", "exp", "max", "min", "sup", "inf", "tanh", "sinh", "cosh", "sin", "cos", "tan",
    "arg", "det", "dim", "Pr", "lim", "argmax", "argmin",
})  # fmt: skip
BIG = {"sum": "∑", "prod": "∏", "int": "∫"}
OPEN = {"lfloor": "⌊", "lceil": "⌈", "langle": "⟨", "{": "{"}
CLOSE = {"rfloor": "⌋", "rceil": "⌉", "rangle": "⟩", "}": "}"}
SPACES = {"quad": "  ", "qquad": "    ", ",": " ", ";": " ", ":": " ", " ": " ", "!": ""}
ACCENTS = frozenset({"hat", "bar", "tilde", "overline", "widehat"})
STYLES = {
    "mathbf": "bold", "boldsymbol": "bold", "bm": "bold",
    "mathrm": "roman", "operatorname": "roman",
    "mathbb": "double", "mathcal": "script",
}  # fmt: skip
DOUBLE = {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "C": "ℂ", "E": "𝔼", "P": "ℙ", "1": "𝟙"}
SCRIPT = {"L": "ℒ", "N": "𝒩", "D": "𝒟", "O": "𝒪", "H": "ℋ", "F": "ℱ", "X": "𝒳", "B": "ℬ"}
