// The entry of the page.
import { mount } from "svelte";
import App from "./App.svelte";
import { Page } from "./state/page.svelte.js";
import "./look.css";

mount(App, { target: document.getElementById("lab")!, props: { page: new Page() } });

// The lab is kept for the time without a network, once the page has what it needs now.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  addEventListener("load", () => {
    setTimeout(
      () => void navigator.serviceWorker.register("./service-worker.js").catch(() => {}),
      2000,
    );
  });
}
