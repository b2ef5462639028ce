// Written by tools/make-machines.mjs.
import type { MachineCard } from "./card.js";

export const cards: readonly MachineCard[] = [
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
    "device": "AMD EPYC, native kernel, AVX-512, 2 threads",
    "trainingFlop": 5664669696000,
    "bytes": 495172,
    "sha256": "645e96cffa595b17b063a493eccdcaabb424b6d4cbffcb83520abd616f9e7c28",
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
  }
];
