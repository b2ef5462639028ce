// The entry of the page.
import { mount } from "svelte";
import App from "./App.svelte";
import { Lab } from "./state/lab.svelte.js";
import "./look.css";

const lab = new Lab();
void lab.notice.watch(lab.begin());
mount(App, { target: document.getElementById("lab")!, props: { lab } });
