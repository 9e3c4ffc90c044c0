"""Networks for rows, points, graphs, games and fields."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class LinearRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)


class Quickstart(nn.Module):
    """The quickstart tutorial: 28 x 28 pictures, flattened first."""

    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)
        )

    def forward(self, x):
        x = self.flatten(x)
        return self.linear_relu_stack(x)


class PlainMLP(nn.Module):
    """The same size, but it takes rows."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(784, 128), nn.Linear(128, 10)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


class NormMLP(nn.Module):
    """Batch norm in train mode: one sample is too few."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(13, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x)


class OwnLinear(nn.Module):
    """A layer written by hand: no torch layer tells anything."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out) * 0.1)
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.weight + self.bias


class OwnMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = OwnLinear(20, 30), OwnLinear(30, 5)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


class WideAndDeep(nn.Module):
    """Categories and numbers side by side (fast.ai's tabular model)."""

    def __init__(self):
        super().__init__()
        self.embeds = nn.ModuleList([nn.Embedding(ni, nf) for ni, nf in ((12, 6), (7, 4), (31, 10))])
        self.bn_cont = nn.BatchNorm1d(5)
        self.layers = nn.Sequential(nn.Linear(25, 50), nn.ReLU(inplace=True), nn.BatchNorm1d(50), nn.Linear(50, 2))

    def forward(self, x_cat, x_cont):
        x = [e(x_cat[:, i]) for i, e in enumerate(self.embeds)]
        x = torch.cat(x, 1)
        x2 = self.bn_cont(x_cont)
        x = torch.cat([x, x2], 1)
        return self.layers(x)


class NCF(nn.Module):
    """Neural collaborative filtering: a user and an item per sample."""

    def __init__(self, num_users=50, num_items=80, dim=8):
        super().__init__()
        self.user_embedding = nn.Embedding(num_users, dim)
        self.item_embedding = nn.Embedding(num_items, dim)
        self.fc = nn.Sequential(nn.Linear(dim * 2, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, user, item):
        x = torch.cat([self.user_embedding(user), self.item_embedding(item)], dim=1)
        return torch.sigmoid(self.fc(x))


class MatrixFactorization(nn.Module):
    def __init__(self):
        super().__init__()
        self.user_factors = nn.Embedding(40, 6)
        self.item_factors = nn.Embedding(60, 6)

    def forward(self, users, items):
        return (self.user_factors(users) * self.item_factors(items)).sum(1)


class DQN(nn.Module):
    """84 x 84, four frames, and a size that a helper computes."""

    def __init__(self, n_actions=6):
        super().__init__()
        self.conv1 = nn.Conv2d(4, 16, kernel_size=8, stride=4)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=4, stride=2)
        self.conv3 = nn.Conv2d(32, 32, kernel_size=3, stride=1)
        self.fc4 = nn.Linear(7 * 7 * 32, 64)
        self.head = nn.Linear(64, n_actions)

    def forward(self, x):
        x = x.float() / 255
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        x = F.relu(self.fc4(x.view(x.size(0), -1)))
        return self.head(x)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 128)
        self.action_head = nn.Linear(128, 2)
        self.value_head = nn.Linear(128, 1)
        self.saved_actions = []

    def forward(self, x):
        x = F.relu(self.affine1(x))
        action_prob = F.softmax(self.action_head(x), dim=-1)
        self.saved_actions.append(action_prob)
        return action_prob, self.value_head(x)


class Critic(nn.Module):
    """State and action, joined (DDPG)."""

    def __init__(self, state_dim=17, action_dim=6):
        super().__init__()
        self.l1 = nn.Linear(state_dim + action_dim, 64)
        self.l2 = nn.Linear(64, 1)

    def forward(self, state, action):
        return self.l2(F.relu(self.l1(torch.cat([state, action], 1))))


class PINN(nn.Module):
    """Space and time as two columns."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))

    def forward(self, x, t):
        return self.net(torch.cat([x, t], dim=1))


class SineLayer(nn.Module):
    def __init__(self, n_in, n_out, omega_0=30):
        super().__init__()
        self.omega_0 = omega_0
        self.linear = nn.Linear(n_in, n_out)

    def forward(self, input):
        return torch.sin(self.omega_0 * self.linear(input))


class Siren(nn.Module):
    """Returns its coordinates too, detached and asking for gradients."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(SineLayer(2, 32), SineLayer(32, 32), nn.Linear(32, 1))

    def forward(self, coords):
        coords = coords.clone().detach().requires_grad_(True)
        return self.net(coords), coords


class NeRF(nn.Module):
    """Sines and cosines of positions and directions: 3 -> 63, 3 -> 27."""

    def __init__(self):
        super().__init__()
        self.block1 = nn.Sequential(nn.Linear(3 * 10 * 2 + 3, 32), nn.ReLU())
        self.block2 = nn.Sequential(nn.Linear(32 + 3 * 4 * 2 + 3, 16), nn.ReLU(), nn.Linear(16, 4), nn.Sigmoid())

    @staticmethod
    def encode(x, L):
        out = [x]
        for j in range(L):
            out += [torch.sin(2**j * x), torch.cos(2**j * x)]
        return torch.cat(out, dim=1)

    def forward(self, o, d):
        h = self.block1(self.encode(o, 10))
        return self.block2(torch.cat((h, self.encode(d, 4)), dim=1))


class VAE(nn.Module):
    """pytorch/examples/vae: `x.view(-1, 784)`."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 64)
        self.fc21 = nn.Linear(64, 20)
        self.fc22 = nn.Linear(64, 20)
        self.fc3 = nn.Linear(20, 64)
        self.fc4 = nn.Linear(64, 784)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 784))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


class ConditionalGenerator(nn.Module):
    """Noise and a label (PyTorch-GAN)."""

    def __init__(self):
        super().__init__()
        self.label_emb = nn.Embedding(10, 10)
        self.model = nn.Sequential(
            nn.Linear(100 + 10, 64), nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(64, 128), nn.BatchNorm1d(128, 0.8), nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(128, 28 * 28), nn.Tanh(),
        )  # fmt: skip

    def forward(self, noise, labels):
        gen_input = torch.cat((self.label_emb(labels), noise), -1)
        img = self.model(gen_input)
        return img.view(img.size(0), 1, 28, 28)


class GANGenerator(nn.Module):
    def __init__(self, latent_dim=64):
        super().__init__()
        self.fc = nn.Linear(latent_dim, 32 * 7 * 7)
        self.up = nn.Sequential(
            nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh()
        )

    def forward(self, z):
        return self.up(self.fc(z).view(z.size(0), 32, 7, 7))


class MixtureOfExperts(nn.Module):
    def __init__(self, dim=16, experts=4):
        super().__init__()
        self.gate = nn.Linear(dim, experts)
        self.experts = nn.ModuleList(
            [nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, dim)) for _ in range(experts)]
        )

    def forward(self, x):
        weights, chosen = torch.topk(F.softmax(self.gate(x), dim=-1), 2, dim=-1)
        out = torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            mask = (chosen == i).any(dim=-1)
            if mask.any():
                w = (weights * (chosen == i)).sum(-1, keepdim=True)
                out[mask] += w[mask] * expert(x[mask])
        return out


class PointNet(nn.Module):
    """Points as B x N x 3, transposed inside."""

    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv1d(3, 32, 1)
        self.conv2 = nn.Conv1d(32, 64, 1)
        self.bn1, self.bn2 = nn.BatchNorm1d(32), nn.BatchNorm1d(64)
        self.fc = nn.Linear(64, classes)

    def forward(self, points):
        x = points.transpose(2, 1)
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = torch.max(x, 2)[0]
        return self.fc(x)


class GCN(nn.Module):
    """Kipf and Welling with a dense matrix."""

    def __init__(self, nfeat=33, nhid=16, nclass=7):
        super().__init__()
        self.w1 = nn.Linear(nfeat, nhid)
        self.w2 = nn.Linear(nhid, nclass)

    def forward(self, x, adj):
        x = F.relu(torch.mm(adj, self.w1(x)))
        return F.log_softmax(torch.mm(adj, self.w2(x)), dim=1)


class EdgeGNN(nn.Module):
    """Messages along an edge list."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(9, 12)

    def forward(self, x, edge_index):
        src, dst = edge_index
        h = self.lin(x)
        out = torch.zeros_like(h)
        out.index_add_(0, dst, h[src])
        return F.relu(out)


class BilinearScorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.bilinear = nn.Bilinear(12, 9, 3)

    def forward(self, left, right):
        return self.bilinear(left, right)


class FactorizationMachine(nn.Module):
    """Its parameters are plain matrices."""

    def __init__(self, n=25, k=4):
        super().__init__()
        self.V = nn.Parameter(torch.randn(n, k))
        self.lin = nn.Linear(n, 1)

    def forward(self, x):
        out_1 = torch.matmul(x, self.V).pow(2).sum(1, keepdim=True)
        out_2 = torch.matmul(x.pow(2), self.V.pow(2)).sum(1, keepdim=True)
        return self.lin(x) + 0.5 * (out_1 - out_2)


def sequential_mlp():
    return nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 2))
