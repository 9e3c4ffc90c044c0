# ruff: noqa: A001, B008
"""Networks for text and series, as tutorials and repositories write them."""

import math
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class LSTMTagger(nn.Module):
    """The tutorial's tagger: one sentence, no batch."""

    def __init__(self, embedding_dim=6, hidden_dim=6, vocab_size=9, tagset_size=3):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.word_embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim)
        self.hidden2tag = nn.Linear(hidden_dim, tagset_size)

    def forward(self, sentence):
        embeds = self.word_embeddings(sentence)
        lstm_out, _ = self.lstm(embeds.view(len(sentence), 1, -1))
        tag_space = self.hidden2tag(lstm_out.view(len(sentence), -1))
        return F.log_softmax(tag_space, dim=1)


class BagClassifier(nn.Module):
    """The tutorial on text classification: one long row of ids, cut at offsets."""

    def __init__(self, vocab_size=500, embed_dim=32, num_class=4):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim, sparse=False)
        self.fc = nn.Linear(embed_dim, num_class)

    def forward(self, text, offsets):
        embedded = self.embedding(text, offsets)
        return self.fc(embedded)


class CharRNN(nn.Module):
    """The tutorial that names nationalities: a one-hot letter and the hidden state, side by side."""

    def __init__(self, input_size=57, hidden_size=128, output_size=18):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        output = self.softmax(self.h2o(hidden))
        return output, hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)


class WordLanguageModel(nn.Module):
    """pytorch/examples/word_language_model: time first, state passed in."""

    def __init__(self, ntoken=200, ninp=24, nhid=24, nlayers=2, dropout=0.5):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, nlayers, dropout=dropout)
        self.decoder = nn.Linear(nhid, ntoken)
        self.ntoken, self.nhid, self.nlayers = ntoken, nhid, nlayers

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        decoded = self.decoder(self.drop(output)).view(-1, self.ntoken)
        return F.log_softmax(decoded, dim=1), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        return (weight.new_zeros(self.nlayers, bsz, self.nhid), weight.new_zeros(self.nlayers, bsz, self.nhid))


class SentimentGRU(nn.Module):
    def __init__(self, vocab=1000, dim=32, hidden=48):
        super().__init__()
        self.embedding = nn.Embedding(vocab, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(hidden * 2, 1)

    def forward(self, x):
        x = self.embedding(x)
        _, h = self.gru(x)
        h = torch.cat([h[-2], h[-1]], dim=1)
        return torch.sigmoid(self.fc(h)).squeeze(1)


class SeriesLSTM(nn.Module):
    """Forecasts a series of one value."""

    def __init__(self, input_size=1, hidden_layer_size=50, num_layers=2, output_size=1):
        super().__init__()
        self.hidden_layer_size, self.num_layers = hidden_layer_size, num_layers
        self.lstm = nn.LSTM(input_size, hidden_layer_size, num_layers, batch_first=True)
        self.linear = nn.Linear(hidden_layer_size, output_size)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_layer_size).to(x.device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_layer_size).to(x.device)
        out, _ = self.lstm(x, (h0, c0))
        return self.linear(out[:, -1, :])


class TimeFirstRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(20, 30, 2)
        self.fc = nn.Linear(30, 4)

    def forward(self, x, hidden=None):
        out, hidden = self.rnn(x, hidden)
        return self.fc(out[-1]), hidden


class PackedClassifier(nn.Module):
    """Sentences of different lengths, packed."""

    def __init__(self, vocab_size=100, embedding_dim=16, hidden_dim=24):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(hidden_dim * 2, 2)

    def forward(self, text, text_lengths):
        embedded = self.embedding(text)
        packed = pack_padded_sequence(embedded, text_lengths.cpu(), batch_first=True, enforce_sorted=False)
        packed_output, (hidden, _cell) = self.lstm(packed)
        _output, _output_lengths = pad_packed_sequence(packed_output, batch_first=True)
        hidden = torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1)
        return self.fc(hidden)


class TextCNN(nn.Module):
    """Kim 2014: convolutions of several heights over the words."""

    def __init__(self, vocab=300, dim=20, kernels=(3, 4, 5)):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.convs = nn.ModuleList([nn.Conv2d(1, 10, (k, dim)) for k in kernels])
        self.fc = nn.Linear(10 * len(kernels), 2)

    def forward(self, x):
        x = self.embed(x).unsqueeze(1)
        x = [F.relu(conv(x)).squeeze(3) for conv in self.convs]
        x = [F.max_pool1d(i, i.size(2)).squeeze(2) for i in x]
        return self.fc(torch.cat(x, 1))


class Encoder(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab, dim)
        self.rnn = nn.GRU(dim, dim)

    def forward(self, src):
        outputs, hidden = self.rnn(self.embedding(src))
        return outputs, hidden


class Decoder(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab, dim)
        self.rnn = nn.GRU(dim, dim)
        self.fc_out = nn.Linear(dim, vocab)

    def forward(self, input, hidden):
        embedded = self.embedding(input.unsqueeze(0))
        output, hidden = self.rnn(embedded, hidden)
        return self.fc_out(output.squeeze(0)), hidden


class Seq2Seq(nn.Module):
    """bentrevett's tutorial: src and trg as length x batch, teacher forcing."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder(70, 16)
        self.decoder = Decoder(90, 16)

    def forward(self, src, trg, teacher_forcing_ratio=0.5):
        trg_len, batch_size = trg.shape
        outputs = torch.zeros(trg_len, batch_size, 90, device=src.device)
        _, hidden = self.encoder(src)
        input = trg[0, :]
        for t in range(1, trg_len):
            output, hidden = self.decoder(input, hidden)
            outputs[t] = output
            input = trg[t] if torch.rand(1).item() < teacher_forcing_ratio else output.argmax(1)
        return outputs


class AttnDecoder(nn.Module):
    """The translation tutorial's decoder: attention over MAX_LENGTH encoder outputs."""

    def __init__(self, hidden_size=32, output_size=50, max_length=10):
        super().__init__()
        self.hidden_size, self.max_length = hidden_size, max_length
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.attn = nn.Linear(hidden_size * 2, max_length)
        self.attn_combine = nn.Linear(hidden_size * 2, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, input, hidden, encoder_outputs):
        embedded = self.embedding(input).view(1, 1, -1)
        attn_weights = F.softmax(self.attn(torch.cat((embedded[0], hidden[0]), 1)), dim=1)
        attn_applied = torch.bmm(attn_weights.unsqueeze(0), encoder_outputs.unsqueeze(0))
        output = torch.cat((embedded[0], attn_applied[0]), 1)
        output = F.relu(self.attn_combine(output).unsqueeze(0))
        output, hidden = self.gru(output, hidden)
        return F.log_softmax(self.out(output[0]), dim=1), hidden, attn_weights

    def initHidden(self):
        return torch.zeros(1, 1, self.hidden_size)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.1, max_len=500):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        x = x + self.pe[: x.size(0)]
        return self.dropout(x)


class TransformerLM(nn.Module):
    """The tutorial's language model: src and its square mask."""

    def __init__(self, ntoken=150, d_model=32, nhead=4, d_hid=64, nlayers=2, dropout=0.2):
        super().__init__()
        self.pos_encoder = PositionalEncoding(d_model, dropout)
        layers = nn.TransformerEncoderLayer(d_model, nhead, d_hid, dropout)
        self.transformer_encoder = nn.TransformerEncoder(layers, nlayers)
        self.embedding = nn.Embedding(ntoken, d_model)
        self.d_model = d_model
        self.linear = nn.Linear(d_model, ntoken)

    def forward(self, src, src_mask):
        src = self.embedding(src) * math.sqrt(self.d_model)
        src = self.pos_encoder(src)
        return self.linear(self.transformer_encoder(src, src_mask))


class TranslationTransformer(nn.Module):
    """The translation tutorial: seven inputs, five of them masks."""

    def __init__(self, src_vocab=60, tgt_vocab=80, emb=32, nhead=4):
        super().__init__()
        self.transformer = nn.Transformer(emb, nhead, 2, 2, 64, 0.1)
        self.generator = nn.Linear(emb, tgt_vocab)
        self.src_tok_emb = nn.Embedding(src_vocab, emb)
        self.tgt_tok_emb = nn.Embedding(tgt_vocab, emb)
        self.positional_encoding = PositionalEncoding(emb)

    def forward(self, src, trg, src_mask, tgt_mask, src_padding_mask, tgt_padding_mask, memory_key_padding_mask):
        src_emb = self.positional_encoding(self.src_tok_emb(src))
        tgt_emb = self.positional_encoding(self.tgt_tok_emb(trg))
        outs = self.transformer(
            src_emb, tgt_emb, src_mask, tgt_mask, None, src_padding_mask, tgt_padding_mask, memory_key_padding_mask
        )
        return self.generator(outs)


class EncoderClassifier(nn.Module):
    """nn.TransformerEncoder, batch first, an optional padding mask."""

    def __init__(self, vocab=120, dim=32):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(dim, 4, 64, batch_first=True), 2)
        self.cls = nn.Linear(dim, 3)

    def forward(self, tokens, key_padding_mask=None):
        x = self.encoder(self.embed(tokens), src_key_padding_mask=key_padding_mask)
        return self.cls(x.mean(dim=1))


@dataclass
class GPTConfig:
    block_size: int = 8
    vocab_size: int = 65
    n_layer: int = 2
    n_head: int = 4
    n_embd: int = 32


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head, self.n_embd = config.n_head, config.n_embd

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))


class NanoGPT(nn.Module):
    """nanoGPT: at most eight tokens, asserted."""

    def __init__(self, config=GPTConfig()):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(config.vocab_size, config.n_embd),
                "wpe": nn.Embedding(config.block_size, config.n_embd),
                "h": nn.ModuleList([CausalSelfAttention(config) for _ in range(config.n_layer)]),
                "ln_f": nn.LayerNorm(config.n_embd),
            }
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.transformer.wte.weight = self.lm_head.weight

    def forward(self, idx, targets=None):
        device = idx.device
        _b, t = idx.size()
        assert t <= self.config.block_size, (
            f"Cannot forward sequence of length {t}, block size is only {self.config.block_size}"
        )
        pos = torch.arange(0, t, dtype=torch.long, device=device)
        x = self.transformer.wte(idx) + self.transformer.wpe(pos)
        for block in self.transformer.h:
            x = x + block(x)
        x = self.transformer.ln_f(x)
        if targets is not None:
            logits = self.lm_head(x)
            loss = F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)
        else:
            logits, loss = self.lm_head(x[:, [-1], :]), None
        return logits, loss


class BigramModel(nn.Module):
    """Karpathy's first one; positions longer than eight raise in the embedding."""

    def __init__(self):
        super().__init__()
        self.token_embedding_table = nn.Embedding(65, 16)
        self.position_embedding_table = nn.Embedding(8, 16)
        self.lm_head = nn.Linear(16, 65)

    def forward(self, idx, targets=None):
        _B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return self.lm_head(tok_emb + pos_emb)


class TinyBert(nn.Module):
    """Ids, types and mask, all required, the mask as numbers."""

    def __init__(self, vocab=90, dim=32):
        super().__init__()
        self.word = nn.Embedding(vocab, dim)
        self.kind = nn.Embedding(2, dim)
        self.query, self.key, self.value = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.pooler = nn.Linear(dim, dim)

    def forward(self, input_ids, token_type_ids, attention_mask):
        x = self.word(input_ids) + self.kind(token_type_ids)
        extended = (1.0 - attention_mask[:, None, :].to(x.dtype)) * -10000.0
        scores = self.query(x) @ self.key(x).transpose(1, 2) / math.sqrt(x.size(-1)) + extended
        x = scores.softmax(-1) @ self.value(x)
        return x, torch.tanh(self.pooler(x[:, 0]))


class AnnotatedTransformer(nn.Module):
    """Own masks: `masked_fill(mask == 0, -1e9)` over B x heads x L x L."""

    def __init__(self, src_vocab=40, dim=24, heads=3):
        super().__init__()
        self.src_embed = nn.Embedding(src_vocab, dim)
        self.tgt_embed = nn.Embedding(src_vocab, dim)
        self.heads, self.dim = heads, dim
        self.linears = nn.ModuleList([nn.Linear(dim, dim) for _ in range(4)])
        self.out = nn.Linear(dim, src_vocab)

    def attend(self, x, memory, mask):
        b = x.size(0)
        q, k, v = [
            lin(y).view(b, -1, self.heads, self.dim // self.heads).transpose(1, 2)
            for lin, y in zip(self.linears, (x, memory, memory), strict=False)
        ]
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.dim // self.heads)
        scores = scores.masked_fill(mask == 0, -1e9)
        x = (scores.softmax(-1) @ v).transpose(1, 2).contiguous().view(b, -1, self.dim)
        return self.linears[-1](x)

    def forward(self, src, tgt, src_mask, tgt_mask):
        memory = self.attend(self.src_embed(src), self.src_embed(src), src_mask)
        x = self.attend(self.tgt_embed(tgt), self.tgt_embed(tgt), tgt_mask)
        return self.out(self.attend(x, memory, src_mask))


class TemporalBlock(nn.Module):
    def __init__(self, n_in, n_out, dilation):
        super().__init__()
        self.pad = (2 * dilation, 0)
        self.conv = nn.utils.parametrizations.weight_norm(nn.Conv1d(n_in, n_out, 3, dilation=dilation))
        self.down = nn.Conv1d(n_in, n_out, 1) if n_in != n_out else None

    def forward(self, x):
        out = F.relu(self.conv(F.pad(x, self.pad)))
        return F.relu(out + (x if self.down is None else self.down(x)))


class TCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(TemporalBlock(4, 16, 1), TemporalBlock(16, 16, 2), TemporalBlock(16, 16, 4))
        self.linear = nn.Linear(16, 1)

    def forward(self, inputs):
        return self.linear(self.network(inputs)[:, :, -1])


class FixedLengthConv(nn.Module):
    """An ECG classifier for 187 samples: only that length fits the Linear."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv1d(1, 8, 5), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(8, 16, 5), nn.ReLU(), nn.MaxPool1d(2)
        )
        self.fc = nn.Linear(16 * 43, 5)

    def forward(self, x):
        x = self.conv(x)
        return self.fc(x.view(x.size(0), -1))


class SeriesTransformer(nn.Module):
    """Floats in, a Linear before the encoder, positions learnt for 24 steps and needed in full."""

    def __init__(self, features=7, dim=16, steps=24):
        super().__init__()
        self.proj = nn.Linear(features, dim)
        self.pos = nn.Parameter(torch.randn(1, steps, dim))
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(dim, 4, 32, batch_first=True), 1)
        self.head = nn.Linear(steps * dim, 1)

    def forward(self, x):
        x = self.encoder(self.proj(x) + self.pos)
        return self.head(x.flatten(1))


class DecoderCell(nn.Module):
    """One step of an LSTM cell, states given apart."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(10, 20)
        self.out = nn.Linear(20, 10)

    def forward(self, x, h, c):
        h, c = self.cell(x, (h, c))
        return self.out(h), h, c


class ImageCaptioner(nn.Module):
    """A picture and the caption so far."""

    def __init__(self, vocab=100):
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 16)
        )
        self.embed = nn.Embedding(vocab, 16)
        self.lstm = nn.LSTM(16, 32, batch_first=True)
        self.linear = nn.Linear(32, vocab)

    def forward(self, images, captions):
        features = self.cnn(images)
        embeddings = torch.cat((features.unsqueeze(1), self.embed(captions[:, :-1])), dim=1)
        hiddens, _ = self.lstm(embeddings)
        return self.linear(hiddens)


def plain_transformer():
    return nn.Transformer(d_model=32, nhead=4, num_encoder_layers=2, num_decoder_layers=2, dim_feedforward=64)


def plain_lstm():
    return nn.LSTM(12, 20, num_layers=2, bidirectional=True)
