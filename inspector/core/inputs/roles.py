"""What the name of a forward's parameter says of it."""

from __future__ import annotations

import re

_ROLES: tuple[tuple[str, str], ...] = (
    ("padding", r"pad(ding)?_?mask|key_padding"),
    ("square", r"^(src|tgt|trg|attn|causal|look_ahead|memory|subsequent|self_attn|cross_attn)_?mask$"),
    ("mask", r"mask"),
    ("lengths", r"(^|_)(len|lens|length|lengths|seq_?lens?|seqlens?)$|lengths?$"),
    ("offsets", r"^offsets?$"),
    ("cell", r"^(c_?0|c_?prev|cell|cell_state|prev_c|c_t)$"),
    ("state", r"^(prev_|init_|initial_|last_|rnn_)?states?$"),
    ("hidden", r"^(h|hx|h_?0|h_?prev|prev_h|h_t|s_?0|s_prev)$|hidden|^carry$"),
    ("time", r"^(t|ts|time|times|time_?steps?|steps?|noise_levels?|sigmas?|diffusion_steps?|t_emb)$"),
    ("edges", r"edge_?(index|list|s)$|^edges$"),
    ("adjacency", r"^adj(acency)?(_?(matrix|mat|t))?$|^a_hat$|^laplacian$"),
    ("entity", r"^(users?|items?|movies?|products?|books?|heads?|relations?|tails?|entit(y|ies)|artists?|tracks?)"
               r"(_?(ids?|idxs?|ind(ex|ices)|inputs?|x))?$"),
    ("ids", r"(^|_)ids?$|tokens?|^idxs?$|^text|sentences?|^words?(_|$)|^indices$|^inds$|^chars?$|^captions?$"),
    ("categories", r"(^|_)cats?(_|$)|categor"),
    ("labels", r"^(labels?|class(es)?|class_?(ids?|labels?|idx)|digits?)$"),
    ("image", r"image|^imgs?|_imgs?$|pixel|photo|picture|frames?$|^rgb"),
    ("memory", r"^(enc(oder)?_(out(put)?s?|states?|hidden_states)|memory|annotations|context_vectors)$"),
    ("points", r"^(pos|positions?|coords?|coordinates|xyz|points?|pts|vertices)$"),
    ("noise", r"^(z|zs|noise|latents?|latent_\w+|eps|z_\w+)$"),
    ("condition", r"^(y|c|cond|condition|context_label)$"),
)  # fmt: skip


def role_of(name: str) -> str:
    """The role that a parameter's name suggests, empty when it says nothing (`x`, `input`, `src`)."""
    lowered = name.lower()
    for role, pattern in _ROLES:
        if re.search(pattern, lowered):
            return role
    return ""
