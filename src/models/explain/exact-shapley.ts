import { assert } from '../../core/index.ts';

/** All coalitions of more players than this would take too long. */
export const MOST_PLAYERS = 12;

/**
 * Shapley values of a game by their definition (Shapley 1953): `worth[S]` is what the coalition S has, the players in S being the bits that are
 * set, for all 2^n of them. Adds `factor` times the values to `out`, one a player.
 */
export function addShapley(worth: Float64Array, out: Float64Array, factor = 1): void {
  const players = out.length;
  assert(players >= 1 && players <= MOST_PLAYERS && worth.length === 1 << players, 'every coalition has its worth');
  // |S|! (n − |S| − 1)! / n!, by size.
  const weights = new Float64Array(players);
  weights[0] = 1 / players;
  for (let size = 1; size < players; size++) weights[size] = (weights[size - 1] * size) / (players - size);
  for (let coalition = 0; coalition < worth.length; coalition++) {
    const size = bitsIn(coalition);
    for (let player = 0; player < players; player++) {
      const bit = 1 << player;
      if ((coalition & bit) !== 0) continue;
      out[player] += factor * weights[size] * (worth[coalition | bit] - worth[coalition]);
    }
  }
}

function bitsIn(set: number): number {
  let bits = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
