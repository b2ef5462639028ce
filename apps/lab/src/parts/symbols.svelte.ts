// The symbol of the equation that somebody points at: it, its control, its pictures and its numbers light up together.
import type { Attachment } from "svelte/attachments";

/** What every symbol means. */
export const meanings = {
  x: "x: the currents of the neurons, one number each; together they are the state.",
  φ: "φ(x) = tanh x: how much each neuron fires, from −1 to 1. An image is a picture of it.",
  J: "J: the couplings. Jᵢⱼ is how strongly neuron j pushes neuron i; Jⱼᵢ may be another number.",
  b: "b: a steady push on every neuron of its own.",
  v: "v: how fast each neuron's current would change if there were neither noise nor feedback.",
  E: "E: the energy, half the squared length of v. It is 0 where the network would stand still.",
  T: "T: the temperature, how hard noise shakes the neurons. At 0 every state rolls downhill.",
  ξ: "ξ: noise, new at every step and for every neuron.",
  F: "−∇E = v − φ′ ∘ (Jᵀv): the force downhill. Its second term is the feedback: every neuron hears what it does to the others.",
  "⟨⟩": "⟨vᵢφⱼ⟩: how fast neuron i is driven times how much neuron j fires, on average. A synapse knows both: nothing else is needed to learn.",
} as const;

export type SymbolName = keyof typeof meanings;

class Pointed {
  name = $state<SymbolName>();
}

export const pointed = new Pointed();

/** Makes an element one of the places of some symbols; who points at it points at the first of them. Undefined makes it none. */
export const symbol =
  (...names: readonly (SymbolName | undefined)[]): Attachment<HTMLElement> =>
  (element) => {
    const [name] = names;
    if (!name) return;
    const enter = () => {
      pointed.name = name;
    };
    // An element that is removed loses the focus while the page is being changed, and nothing may change state then.
    const leave = () =>
      queueMicrotask(() => {
        if (pointed.name === name) pointed.name = undefined;
      });
    element.addEventListener("pointerenter", enter);
    // A finger that is lifted leaves as well, before anybody could read what it lit.
    const left = ({ pointerType }: PointerEvent) => pointerType !== "touch" && leave();
    element.addEventListener("pointerleave", left);
    element.addEventListener("focusin", enter);
    element.addEventListener("focusout", leave);
    $effect(() => {
      element.classList.toggle(
        "lit",
        names.some((one) => one === pointed.name),
      );
    });
    return () => {
      leave();
      element.removeEventListener("pointerenter", enter);
      element.removeEventListener("pointerleave", left);
      element.removeEventListener("focusin", enter);
      element.removeEventListener("focusout", leave);
    };
  };
