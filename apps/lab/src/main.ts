// The entry of the page.
import { mount } from "svelte";
import App from "./App.svelte";
import { Page } from "./state/page.svelte.js";
import "./look.css";

mount(App, { target: document.getElementById("lab")!, props: { page: new Page() } });
