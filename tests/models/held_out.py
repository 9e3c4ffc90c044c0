# ruff: noqa: E741
"""Models that the search for inputs was not tuned on: a test of its reach, written before they were tried."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Sequence(nn.Module):  # pytorch/examples time_sequence_prediction
    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 51)
        self.lstm2 = nn.LSTMCell(51, 51)
        self.linear = nn.Linear(51, 1)

    def forward(self, input, future=0):
        outputs = []
        h_t = torch.zeros(input.size(0), 51)
        c_t = torch.zeros(input.size(0), 51)
        h_t2 = torch.zeros(input.size(0), 51)
        c_t2 = torch.zeros(input.size(0), 51)
        for input_t in input.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        for _i in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        return torch.cat(outputs, dim=1)


class RNNCls(nn.Module):  # yunjey: images as rows
    def __init__(self, input_size=28, hidden_size=64, num_layers=2, num_classes=10):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(x.device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(x.device)
        out, _ = self.lstm(x, (h0, c0))
        return self.fc(out[:, -1, :])


class ConvNetYunjey(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=5, stride=1, padding=2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2),
        )
        self.layer2 = nn.Sequential(
            nn.Conv2d(16, 32, kernel_size=5, stride=1, padding=2),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2),
        )
        self.fc = nn.Linear(7 * 7 * 32, num_classes)

    def forward(self, x):
        out = self.layer1(x)
        out = self.layer2(out)
        out = out.reshape(out.size(0), -1)
        return self.fc(out)


class CatsDogs(nn.Module):  # 150x150 input, odd flatten
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 16, 3)
        self.c2 = nn.Conv2d(16, 32, 3)
        self.c3 = nn.Conv2d(32, 64, 3)
        self.fc1 = nn.Linear(64 * 17 * 17, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = F.max_pool2d(F.relu(self.c3(x)), 2)
        x = x.view(-1, 64 * 17 * 17)
        return torch.sigmoid(self.fc2(F.relu(self.fc1(x))))


class Inception(nn.Module):
    def __init__(self, cin):
        super().__init__()
        self.b1 = nn.Conv2d(cin, 8, 1)
        self.b2 = nn.Conv2d(cin, 8, 3, padding=1)
        self.b3 = nn.Conv2d(cin, 8, 5, padding=2)

    def forward(self, x):
        return torch.cat([self.b1(x), self.b2(x), self.b3(x)], 1)


class GoogLeNetSmall(nn.Module):
    def __init__(self):
        super().__init__()
        self.pre = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(True))
        self.a = Inception(16)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.b = Inception(24)
        self.avgpool = nn.AvgPool2d(16, stride=1)
        self.linear = nn.Linear(24, 10)

    def forward(self, x):
        out = self.b(self.pool(self.a(self.pre(x))))
        out = self.avgpool(out)
        out = out.view(out.size(0), -1)
        return self.linear(out)


class Bottleneck(nn.Module):
    def __init__(self, nin, growth):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(nin)
        self.conv1 = nn.Conv2d(nin, 4 * growth, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x)))))), x], 1)


class DenseNetSmall(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.dense = nn.Sequential(*[Bottleneck(16 + i * 8, 8) for i in range(4)])
        self.bn = nn.BatchNorm2d(48)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        x = F.relu(self.bn(self.dense(self.conv1(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).squeeze())


class MultiHead(nn.Module):
    def __init__(self, d=32, h=4):
        super().__init__()
        self.h = h
        self.wq = nn.Linear(d, d)
        self.wk = nn.Linear(d, d)
        self.wv = nn.Linear(d, d)
        self.o = nn.Linear(d, d)

    def forward(self, q, k, v, mask=None):
        b, lq, d = q.size()

        def split(x):
            return x.view(x.size(0), x.size(1), self.h, d // self.h).transpose(1, 2)

        q, k, v = split(self.wq(q)), split(self.wk(k)), split(self.wv(v))
        s = q @ k.transpose(-1, -2) / math.sqrt(d // self.h)
        if mask is not None:
            s = s.masked_fill(mask == 0, float("-inf"))
        out = (s.softmax(-1) @ v).transpose(1, 2).reshape(b, lq, d)
        return self.o(out)


class EncoderLayer(nn.Module):
    def __init__(self, d, h, ff):
        super().__init__()
        self.attn = MultiHead(d, h)
        self.ff = nn.Sequential(nn.Linear(d, ff), nn.ReLU(), nn.Linear(ff, d))
        self.n1 = nn.LayerNorm(d)
        self.n2 = nn.LayerNorm(d)

    def forward(self, x, mask):
        x = self.n1(x + self.attn(x, x, x, mask))
        return self.n2(x + self.ff(x))


class ScratchTransformer(nn.Module):  # makes masks itself
    def __init__(self, src_vocab=500, tgt_vocab=400, d=32, max_len=50):
        super().__init__()
        self.enc_emb = nn.Embedding(src_vocab, d)
        self.dec_emb = nn.Embedding(tgt_vocab, d)
        self.pos = nn.Embedding(max_len, d)
        self.enc = nn.ModuleList([EncoderLayer(d, 4, 64) for _ in range(2)])
        self.dec = nn.ModuleList([EncoderLayer(d, 4, 64) for _ in range(2)])
        self.cross = MultiHead(d, 4)
        self.fc = nn.Linear(d, tgt_vocab)

    def make_src_mask(self, src):
        return (src != 0).unsqueeze(1).unsqueeze(2)

    def make_trg_mask(self, trg):
        N, L = trg.shape
        return torch.tril(torch.ones((L, L), device=trg.device)).expand(N, 1, L, L)

    def forward(self, src, trg):
        sm, tm = self.make_src_mask(src), self.make_trg_mask(trg)
        N, S = src.shape
        x = self.enc_emb(src) + self.pos(torch.arange(0, S).expand(N, S).to(src.device))
        for l in self.enc:
            x = l(x, sm)
        y = self.dec_emb(trg) + self.pos(torch.arange(0, trg.shape[1]).expand(N, trg.shape[1]))
        for l in self.dec:
            y = l(y, tm)
        return self.fc(self.cross(y, x, x, sm))


class GATLayer(nn.Module):
    def __init__(self, cin, cout, heads=2):
        super().__init__()
        self.heads, self.cout = heads, cout
        self.W = nn.Parameter(torch.randn(cin, heads * cout))
        self.a = nn.Parameter(torch.randn(heads, 2 * cout, 1))

    def forward(self, h, adj_mat):
        n = h.shape[0]
        h = torch.mm(h, self.W).view(n, self.heads, self.cout).permute(1, 0, 2)
        s = h @ self.a[:, : self.cout]
        t = h @ self.a[:, self.cout :]
        e = F.leaky_relu(s + t.mT)
        e = torch.where(adj_mat > 0, e, -9e16 * torch.ones_like(e))
        return (e.softmax(-1) @ h).mean(0)


class GAT(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = GATLayer(20, 8)
        self.l2 = GATLayer(8, 5)

    def forward(self, x, adj):
        return self.l2(F.elu(self.l1(x, adj)), adj)


class DoubleTower(nn.Module):
    def __init__(self):
        super().__init__()
        self.q = nn.EmbeddingBag(300, 16)
        self.d = nn.EmbeddingBag(300, 16)
        self.proj = nn.Linear(16, 8)

    def forward(self, query, doc):
        return F.cosine_similarity(self.proj(self.q(query)), self.proj(self.d(doc)))


class DeepFM(nn.Module):
    def __init__(self, field_dims=(10, 20, 30), dim=4):
        super().__init__()
        self.embedding = nn.Embedding(sum(field_dims), dim)
        self.linear = nn.Embedding(sum(field_dims), 1)
        self.offsets = torch.tensor([0, 10, 30])
        self.mlp = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        x = x + self.offsets
        e = self.embedding(x)
        fm = 0.5 * (e.sum(1).pow(2) - e.pow(2).sum(1)).sum(1, keepdim=True)
        return torch.sigmoid(self.linear(x).sum(1) + fm + self.mlp(e.view(-1, 12))).squeeze(1)


class PatchGAN(nn.Module):
    def __init__(self):
        super().__init__()

        def block(i, o, norm=True):
            layers = [nn.Conv2d(i, o, 4, stride=2, padding=1)]
            if norm:
                layers.append(nn.InstanceNorm2d(o))
            return [*layers, nn.LeakyReLU(0.2, inplace=True)]

        self.model = nn.Sequential(
            *block(6, 16, False),
            *block(16, 32),
            *block(32, 64),
            nn.ZeroPad2d((1, 0, 1, 0)),
            nn.Conv2d(64, 1, 4, padding=1, bias=False),
        )

    def forward(self, img_A, img_B):
        return self.model(torch.cat((img_A, img_B), 1))


class WGANDisc(nn.Module):
    def __init__(self, img_shape=(1, 28, 28)):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(int(math.prod(img_shape)), 64), nn.LeakyReLU(0.2, inplace=True), nn.Linear(64, 1)
        )

    def forward(self, img):
        img_flat = img.view(img.shape[0], -1)
        return self.model(img_flat)


class GRUClassifierHidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(40, 64, 2, batch_first=True)
        self.fc = nn.Linear(64, 3)

    def forward(self, x, h):
        out, h = self.gru(x, h)
        return self.fc(F.relu(out[:, -1])), h

    def init_hidden(self, batch_size):
        return next(self.parameters()).data.new(2, batch_size, 64).zero_()


class ConvLSTMCell(nn.Module):
    def __init__(self, input_dim=3, hidden_dim=8):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.conv = nn.Conv2d(input_dim + hidden_dim, 4 * hidden_dim, 3, padding=1)

    def forward(self, input_tensor, cur_state):
        h_cur, c_cur = cur_state
        i, f, o, g = torch.split(self.conv(torch.cat([input_tensor, h_cur], dim=1)), self.hidden_dim, dim=1)
        c = torch.sigmoid(f) * c_cur + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class VideoLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.lstm = nn.LSTM(8, 16, batch_first=True)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        b, t, c, h, w = x.shape
        f = self.cnn(x.view(b * t, c, h, w)).view(b, t, -1)
        return self.fc(self.lstm(f)[0][:, -1])


class PolicyGaussian(nn.Module):
    def __init__(self, obs=11, act=3):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(obs, 64), nn.Tanh())
        self.mu = nn.Linear(64, act)
        self.log_std = nn.Parameter(torch.zeros(act))

    def forward(self, obs):
        mu = self.mu(self.net(obs))
        return torch.distributions.Normal(mu, self.log_std.exp())


class DuelingLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 32)
        self.lstm = nn.LSTM(32, 32)
        self.v = nn.Linear(32, 1)
        self.a = nn.Linear(32, 4)

    def forward(self, x, hidden):
        x = F.relu(self.fc(x)).view(-1, 1, 32)
        x, hidden = self.lstm(x, hidden)
        return self.v(x) + self.a(x), hidden


class WordCNNLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.char = nn.Embedding(60, 8)
        self.word = nn.Embedding(500, 24)
        self.conv = nn.Conv1d(8, 12, 3, padding=1)
        self.lstm = nn.LSTM(36, 32, bidirectional=True, batch_first=True)
        self.out = nn.Linear(64, 9)

    def forward(self, words, chars):
        b, s, c = chars.size()
        x = self.char(chars.view(b * s, c)).transpose(1, 2)
        x = self.conv(x).max(dim=2)[0].view(b, s, -1)
        h, _ = self.lstm(torch.cat([self.word(words), x], dim=-1))
        return self.out(h)


class Perceiver(nn.Module):
    def __init__(self, dim=24, latents=6):
        super().__init__()
        self.latents = nn.Parameter(torch.randn(latents, 32))
        self.attn = nn.MultiheadAttention(32, 4, kdim=dim, vdim=dim, batch_first=True)
        self.out = nn.Linear(32, 3)

    def forward(self, data):
        lat = self.latents.expand(data.shape[0], -1, -1)
        return self.out(self.attn(lat, data, data)[0].mean(1))


class Swin1(nn.Module):
    def __init__(self, ws=4, dim=16):
        super().__init__()
        self.ws = ws
        self.embed = nn.Conv2d(3, dim, 4, 4)
        self.qkv = nn.Linear(dim, dim * 3)
        self.table = nn.Parameter(torch.zeros((2 * ws - 1) ** 2, 1))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, 10)

    def forward(self, x):
        x = self.embed(x).permute(0, 2, 3, 1)
        B, H, W, C = x.shape
        x = (
            x.view(B, H // self.ws, self.ws, W // self.ws, self.ws, C)
            .permute(0, 1, 3, 2, 4, 5)
            .contiguous()
            .view(-1, self.ws**2, C)
        )
        q, k, v = self.qkv(self.norm(x)).chunk(3, -1)
        return self.head((q @ k.transpose(1, 2)).softmax(-1).matmul(v).mean(1).view(B, -1, C).mean(1))


class MelCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.flatten = nn.Flatten()
        self.linear = nn.Linear(64 * 5 * 4, 10)

    def forward(self, input_data):
        return F.softmax(self.linear(self.flatten(self.conv(input_data))), dim=1)


class SpeechGRU(nn.Module):
    def __init__(self, n_feats=128):
        super().__init__()
        self.cnn = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.ln = nn.LayerNorm(n_feats // 2)
        self.fc = nn.Linear(8 * n_feats // 2, 32)
        self.gru = nn.GRU(32, 32, batch_first=True, bidirectional=True)
        self.cl = nn.Linear(64, 29)

    def forward(self, x):
        x = self.cnn(x)
        x = self.ln(x.transpose(2, 3)).transpose(2, 3)
        s = x.size()
        x = x.reshape(s[0], s[1] * s[2], s[3]).transpose(1, 2)
        return self.cl(self.gru(self.fc(x))[0])


class ChessNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(12, 32, 3, padding=1)
        self.bn = nn.BatchNorm2d(32)
        self.p = nn.Linear(32 * 64, 100)
        self.v = nn.Linear(32 * 64, 1)

    def forward(self, board):
        x = F.relu(self.bn(self.conv(board.view(-1, 12, 8, 8)))).view(-1, 32 * 64)
        return F.log_softmax(self.p(x), 1), torch.tanh(self.v(x))


class TwoStream(nn.Module):
    def __init__(self):
        super().__init__()
        self.rgb = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.flow = nn.Sequential(nn.Conv2d(20, 8, 7, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(16, 5)

    def forward(self, rgb, flow):
        return self.fc(torch.cat([self.rgb(rgb).flatten(1), self.flow(flow).flatten(1)], 1))


class VQA(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(3, 16, 5, 2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.emb = nn.Embedding(200, 16)
        self.rnn = nn.GRU(16, 16, batch_first=True)
        self.out = nn.Linear(32, 12)

    def forward(self, image, question):
        _, h = self.rnn(self.emb(question))
        return self.out(torch.cat([self.cnn(image), h[-1]], 1))


class MDN(nn.Module):
    def __init__(self):
        super().__init__()
        self.z_h = nn.Sequential(nn.Linear(1, 20), nn.Tanh())
        self.pi = nn.Linear(20, 5)
        self.s = nn.Linear(20, 5)
        self.m = nn.Linear(20, 5)

    def forward(self, x):
        h = self.z_h(x)
        return F.softmax(self.pi(h), -1), torch.exp(self.s(h)), self.m(h)


class NormalizingFlow(nn.Module):
    def __init__(self, dim=2):
        super().__init__()
        self.s = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
        self.t = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        x1, x2 = x.chunk(2, dim=1)
        s, t = self.s(x1), self.t(x1)
        return torch.cat([x1, x2 * torch.exp(s) + t], 1), s.sum(1)


class Mamba1(nn.Module):
    def __init__(self, d=16, n=4):
        super().__init__()
        self.in_proj = nn.Linear(d, 2 * d)
        self.conv1d = nn.Conv1d(d, d, 4, groups=d, padding=3)
        self.x_proj = nn.Linear(d, 2 * n + d)
        self.A = nn.Parameter(torch.rand(d, n))
        self.out = nn.Linear(d, d)
        self.n = n

    def forward(self, x):
        (b, l, _d) = x.shape
        x, res = self.in_proj(x).split([16, 16], dim=-1)
        x = F.silu(self.conv1d(x.transpose(1, 2))[:, :, :l].transpose(1, 2))
        dt, B, C = self.x_proj(x).split([16, self.n, self.n], -1)
        h = torch.zeros(b, 16, self.n)
        ys = []
        for i in range(l):
            h = h * torch.exp(-dt[:, i, :, None] * self.A) + (x[:, i])[..., None] * B[:, i, None]
            ys.append((h * C[:, i, None]).sum(-1))
        return self.out(torch.stack(ys, 1) * F.silu(res))


class BertishPooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(1000, 32)
        self.pos = nn.Embedding(64, 32)
        self.seg = nn.Embedding(2, 32)
        self.enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), 2)
        self.nsp = nn.Linear(32, 2)

    def forward(self, x, segment_info):
        mask = x > 0
        h = self.tok(x) + self.seg(segment_info) + self.pos(torch.arange(x.size(1)))
        return self.nsp(self.enc(h, src_key_padding_mask=~mask)[:, 0])


class AutoRegWave(nn.Module):
    def __init__(self):
        super().__init__()
        self.causal = nn.Conv1d(256, 16, 2)
        self.res = nn.ModuleList([nn.Conv1d(16, 32, 2, dilation=2**i) for i in range(4)])
        self.out = nn.Conv1d(16, 256, 1)

    def forward(self, x):
        x = self.causal(x)
        for c in self.res:
            a, b = c(x).chunk(2, 1)
            y = torch.tanh(a) * torch.sigmoid(b)
            x = x[..., -y.size(-1) :] + y
        return self.out(x)


class TripletNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.PReLU(), nn.Flatten(), nn.Linear(8 * 31 * 31, 16))

    def forward(self, anchor, positive, negative):
        return self.net(anchor), self.net(positive), self.net(negative)


class PromptTuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.prompt = nn.Embedding(5, 16)
        self.emb = nn.Embedding(100, 16)
        self.enc = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 100)

    def forward(self, input_ids, attention_mask=None, labels=None):
        x = torch.cat([self.prompt.weight.expand(input_ids.size(0), -1, -1), self.emb(input_ids)], 1)
        return {"logits": self.head(self.enc(x))}


class StackedHourglass(nn.Module):
    def __init__(self):
        super().__init__()
        self.pre = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
        self.low = nn.ModuleList([nn.Conv2d(8, 8, 3, padding=1) for _ in range(4)])
        self.out = nn.Conv2d(8, 16, 1)

    def hg(self, n, x):
        up = self.low[n](x)
        low = F.max_pool2d(x, 2)
        low = self.hg(n - 1, low) if n > 0 else low
        return up + F.interpolate(low, scale_factor=2)

    def forward(self, imgs):
        return self.out(self.hg(3, self.pre(imgs)))


class EnergyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 8)
        self.lin = nn.Linear(1, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, z, pos):
        d = torch.cdist(pos, pos).unsqueeze(-1)
        m = (self.lin(d) * self.emb(z).unsqueeze(1)).sum(2)
        return self.out(m).sum(1)


class Informer(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(7, 16)
        self.mark = nn.Linear(4, 16)
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.dec = nn.Linear(16, 7)

    def forward(self, x_enc, x_mark_enc, x_dec, x_mark_dec):
        h = self.layer(self.enc(x_enc) + self.mark(x_mark_enc))
        return self.dec(self.enc(x_dec) + self.mark(x_mark_dec) + h.mean(1, keepdim=True))


class DLRM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.ModuleList([nn.EmbeddingBag(n, 8, mode="sum") for n in (50, 60, 70)])
        self.bot = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 8))
        self.top = nn.Sequential(nn.Linear(8 + 6, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, dense_x, sparse_x):
        x = self.bot(dense_x)
        ly = [e(sparse_x[:, i : i + 1]) for i, e in enumerate(self.emb)]
        T = torch.stack([x, *ly], 1)
        Z = torch.bmm(T, T.transpose(1, 2))
        i, j = torch.tril_indices(4, 4, -1)
        return torch.sigmoid(self.top(torch.cat([x, Z[:, i, j]], 1)))


class MetaTemporal(nn.Module):
    def __init__(self, seq_len=96, pred_len=24):
        super().__init__()
        self.Linear = nn.Linear(seq_len, pred_len)

    def forward(self, x):
        seq_last = x[:, -1:, :].detach()
        x = x - seq_last
        x = self.Linear(x.permute(0, 2, 1)).permute(0, 2, 1)
        return x + seq_last
