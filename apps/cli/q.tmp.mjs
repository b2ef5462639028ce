import { loadData } from "./dist/data.js";
import { adversarialAccuracy, covarianceError, points } from "@neural-langevin/analysis";
import { parseNpy, ratesOfStates, encodeImages } from "@neural-langevin/datasets";
import { readFileSync } from "node:fs";
const q=(a,b)=>{const r=adversarialAccuracy(a,b);return `A_S ${r.real.toFixed(3)} A_T ${r.generated.toFixed(3)} AAI ${r.error.toFixed(4)} E2 ${covarianceError(a,b).toFixed(5)}`};
const d = await loadData({data:"mnist", labels:[1,3,6], images:1000, "held-out":256, seed:1});
for (const f of process.argv.slice(2)) {
  const s = parseNpy(readFileSync(f), f).values; const n=s.length/784;
  const real = points(ratesOfStates(d.states.subarray(0,n*784)),784);
  console.log(f, q(real, points(ratesOfStates(s),784)));
  const t=s.slice(); let inv=0;
  for(let i=0;i<n;i++){let m=0;for(let j=0;j<784;j++)m+=Math.tanh(t[i*784+j]);if(m>0){inv++;for(let j=0;j<784;j++)t[i*784+j]*=-1}}
  console.log("  inverted",inv,"/",n, q(real, points(ratesOfStates(t),784)));
  console.log("  held out", q(real, points(d.heldOutRates.subarray(0,n*784),784)));
}
