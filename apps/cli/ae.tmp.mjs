import { loadTensorFlow, trainAutoencoder, openAutoencoder, lossOf } from "./dist/experiments/autoencoder.js";
import { loadData } from "./dist/data.js";
import { writeFileSync } from "node:fs";
import { encodeNpy } from "@neural-langevin/datasets";
const [,, source, code, out] = process.argv;
const T = await loadTensorFlow();
const d = await loadData({data: source, images: 10000, "held-out": 1000, seed: 1});
const u = Float32Array.from(d.training.pixels, p=>2*p/255-1);
const plan = {units:784, hidden:400, code:+code, batch:100, rate:1e-3, seed:1};
let s; let t=performance.now();
for (let e=0;e<8;e+=2){ s = await trainAutoencoder(T, plan, u, s, [e,e+2], ()=>{}); console.log(e+2, lossOf(s), s.length, ((performance.now()-t)/1000).toFixed(1)+" s", process.cpuUsage().user/1e6); }
const a = openAutoencoder(T, plan, s);
const c = a.encode(u);
let m=new Float64Array(+code), v=new Float64Array(+code);
for(let i=0;i<c.length;i++){m[i%code]+=c[i]/10000; v[i%code]+=c[i]**2/10000;}
console.log("mean", [...m].map(x=>x.toFixed(2)).join(" ")); console.log("std", [...v].map((x,i)=>Math.sqrt(x-m[i]**2).toFixed(2)).join(" "));
writeFileSync(out, encodeNpy(c,[10000,+code])); writeFileSync(out+".state", Buffer.from(s.buffer));
