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
      "held-out": 1000,
      "couplings": "antisymmetric",
      "label-units": 5,
      "label-kinds": 2,
      "gain": 8,
      "step-size": 0.04,
      "chains": 48,
      "batch": 48,
      "negative-phase": "pcd-5",
      "restart-every": 200,
      "updates": 1200,
      "rate": 0.0008,
      "average-from": 0.4,
      "chain-start": "data-mean"
    },
    "command": "node packages/machines/tools/make-machines.mjs ten-digits",
    "device": "AMD EPYC, native kernel, AVX-512, 2 threads",
    "trainingFlop": 1260332236800,
    "bytes": 645857,
    "sha256": "e5df4adf455038d4d09d69988173a81c46041c6271ecf7504b25bcaa0aa80447",
    "learned": {
      "sha256": "d8e4ae4ff6b9a2303f4205f3e01e7b2800420a6d749b01e47f5980261f489a77",
      "count": 60000,
      "division": {
        "images": 10000,
        "held-out": 1000,
        "held-out-from": "training",
        "split-seed": 1
      }
    },
    "measures": {
      "asked and legible": {
        "value": 0.932,
        "standardError": 0.016191361896035757
      },
      "Fréchet distance, asked": {
        "value": 10.446011559064686,
        "standardError": 0.9159763026438045
      },
      "variance within a digit, asked": {
        "value": 0.41994538761610434,
        "standardError": 0.009209706397466079
      },
      "legible, free": {
        "value": 0.6375,
        "standardError": 0.052870010980783845
      },
      "Fréchet distance, free": {
        "value": 27.894446548008716,
        "standardError": 3.2487503243078875
      },
      "variance within a digit, free": {
        "value": 0.2998807579817132,
        "standardError": 0.04068391544089051
      },
      "inverted": {
        "value": 0,
        "standardError": 0.012047296828136746
      },
      "named right": {
        "value": 0.867,
        "standardError": 0.010747168888314578
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
    "learned": {
      "sha256": "a2d52be7eb3d00a97371bec9d226de9072626dcde41f812871ec93992b61e2d0",
      "count": 60000,
      "division": {
        "labels": [
          1,
          3,
          6
        ],
        "images": 10000,
        "held-out": 1000,
        "held-out-from": "training",
        "split-seed": 1
      }
    },
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
    "learned": {
      "sha256": "0143be612dfa6ee47c85a039964c5ac65cc950e42b14f14b9cb7908cf644ae94",
      "count": 60000,
      "division": {
        "images": 10000,
        "held-out": 1000,
        "held-out-from": "training",
        "split-seed": 1
      }
    },
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
  },
  {
    "name": "letters",
    "description": "the small letters a to z as people wrote them, from Omniglot",
    "labels": [
      "a",
      "b",
      "c",
      "d",
      "e",
      "f",
      "g",
      "h",
      "i",
      "j",
      "k",
      "l",
      "m",
      "n",
      "o",
      "p",
      "q",
      "r",
      "s",
      "t",
      "u",
      "v",
      "w",
      "x",
      "y",
      "z"
    ],
    "image": {
      "width": 28,
      "height": 28
    },
    "settings": {
      "held-out": 1000,
      "couplings": "antisymmetric",
      "label-units": 3,
      "label-kinds": 2,
      "gain": 8,
      "step-size": 0.04,
      "chains": 48,
      "batch": 48,
      "negative-phase": "pcd-5",
      "restart-every": 200,
      "updates": 2400,
      "rate": 0.0008,
      "average-from": 0.4,
      "chain-start": "data-mean",
      "data": "letters.npz"
    },
    "command": "node packages/machines/tools/make-machines.mjs letters",
    "device": "AMD EPYC, native kernel, AVX-512, 2 threads",
    "trainingFlop": 2850140160000,
    "bytes": 636460,
    "sha256": "42b20118010350bed707891ed7959526b4107da13b413a3020b0a32b7783fa30",
    "learned": {
      "sha256": "d555f05471006064a9fd0e9956e9d19657552a3b8d1b799a43ca9a1fab9231cb",
      "count": 9984,
      "division": {
        "images": 8984,
        "held-out": 1000,
        "held-out-from": "training",
        "split-seed": 1
      }
    },
    "measures": {
      "A_S": {
        "value": 0.68,
        "standardError": 0.01826294536106365
      },
      "A_T": {
        "value": 1,
        "standardError": 0.001531391766947222
      },
      "named right": {
        "value": 0.915,
        "standardError": 0.008844611767934113
      }
    }
  }
];
