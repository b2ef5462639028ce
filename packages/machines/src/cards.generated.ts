// Written by tools/make-machines.mjs.
import type { MachineCard } from "./card.js";

export const cards: readonly MachineCard[] = [
  {
    "name": "ten-digits",
    "description": "the ten digits of MNIST with their labels",
    "labels": [
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
      "9"
    ],
    "image": {
      "width": 28,
      "height": 28
    },
    "settings": {
      "images": 10000,
      "label-units": 10,
      "held-out": 1000,
      "couplings": "antisymmetric",
      "gain": 8,
      "step-size": 0.04,
      "chains": 96,
      "batch": 96,
      "chain-start": "data-mean",
      "restart-every": 200,
      "updates": 2000,
      "rate": 0.0004,
      "average-from": 0.6
    },
    "command": "node packages/machines/tools/make-machines.mjs ten-digits",
    "device": "AMD EPYC, native kernel, AVX-512, 1 thread",
    "trainingFlop": 7201898496000,
    "bytes": 627050,
    "sha256": "fc5252a0d9a1557ff8fde8634d77c718827196bb49aaa4aa9255eb63cba6e843",
    "measures": {
      "asked and legible": {
        "value": 0.868,
        "standardError": 0.021478646183373477
      },
      "Fréchet distance, asked": {
        "value": 13.102411360675887,
        "standardError": 0.8731932955862447
      },
      "variance within a digit, asked": {
        "value": 0.2591861151136818,
        "standardError": 0.010824120933211712
      },
      "legible, free": {
        "value": 0.640625,
        "standardError": 0.02983416301359828
      },
      "Fréchet distance, free": {
        "value": 14.92081675030937,
        "standardError": 1.305137034553817
      },
      "variance within a digit, free": {
        "value": 0.3496035877253649,
        "standardError": 0.01463870050080996
      },
      "inverted": {
        "value": 0,
        "standardError": 0.0038609748587026004
      },
      "named right": {
        "value": 0.863,
        "standardError": 0.01088123591752395
      }
    }
  },
  {
    "name": "three-digits",
    "description": "the digits 1, 3 and 6 of MNIST, as in arXiv 2506.23546, without labels",
    "image": {
      "width": 28,
      "height": 28
    },
    "settings": {
      "labels": [
        1,
        3,
        6
      ],
      "images": 10000,
      "label-units": 0,
      "held-out": 1000,
      "couplings": "antisymmetric",
      "gain": 6,
      "step-size": 0.07,
      "chains": 96,
      "batch": 96,
      "chain-start": "data-mean",
      "restart-every": 200,
      "updates": 2000,
      "rate": 0.0004,
      "average-from": 0.6
    },
    "command": "node packages/machines/tools/make-machines.mjs three-digits",
    "device": "AMD EPYC, native kernel, AVX-512, 1 thread",
    "trainingFlop": 5664669696000,
    "bytes": 495221,
    "sha256": "340f23df6b5604f63986ff32c455cae3d92761d50f31b8d27c3d00d5a2d56fb7",
    "measures": {
      "legible, free": {
        "value": 0.7578125,
        "standardError": 0.02669426653121549
      },
      "Fréchet distance, free": {
        "value": 8.770663186847884,
        "standardError": 1.0406884803035379
      },
      "variance within a digit, free": {
        "value": 0.6348664785742122,
        "standardError": 0.022538508059330276
      },
      "inverted": {
        "value": 0,
        "standardError": 0.0038609748587026004
      }
    }
  },
  {
    "name": "fashion",
    "description": "the ten kinds of clothes of Fashion-MNIST with their labels",
    "labels": [
      "T-shirt",
      "trousers",
      "pullover",
      "dress",
      "coat",
      "sandal",
      "shirt",
      "sneaker",
      "bag",
      "ankle boot"
    ],
    "image": {
      "width": 28,
      "height": 28
    },
    "settings": {
      "images": 10000,
      "label-units": 10,
      "held-out": 1000,
      "couplings": "antisymmetric",
      "gain": 8,
      "step-size": 0.04,
      "chains": 96,
      "batch": 96,
      "chain-start": "data-mean",
      "restart-every": 200,
      "updates": 2000,
      "rate": 0.0004,
      "average-from": 0.6,
      "data": "fashion-mnist"
    },
    "command": "node packages/machines/tools/make-machines.mjs fashion",
    "device": "AMD EPYC, native kernel, AVX-512, 1 thread",
    "trainingFlop": 7201898496000,
    "bytes": 628997,
    "sha256": "97618732a9520d833542ac3acba698a2df73ac8aa4edb2d564563913ea3ec86c",
    "measures": {
      "A_S": {
        "value": 0.712,
        "standardError": 0.028518530546437985
      },
      "A_T": {
        "value": 0.956,
        "standardError": 0.013388608502750799
      },
      "named right": {
        "value": 0.795,
        "standardError": 0.012760625290495813
      }
    }
  }
];
