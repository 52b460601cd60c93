import { runDoubleSoak } from './soak.ts';
import { DOUBLE_VENUES } from './products.ts';
for (const venue of DOUBLE_VENUES) console.log(await runDoubleSoak({ venue, seed: 1, seconds: 15, onLine: console.log }));
process.exit();
