import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Attempt } from './run-record.ts';

/** This process, as a later reader can recognise it. */
export function thisAttempt(t: number): Attempt {
  return { t, pid: process.pid, host: hostHash(), born: bornOf(process.pid) };
}

/**
 * Whether the process still lives. A process id is used again sooner or later, so where the kernel tells when a process started (Linux),
 * that must agree. Of another machine nothing can be known: what was left there counts as dead, so that it can be taken up.
 */
export function isAlive(attempt: Attempt): boolean {
  if (attempt.host !== hostHash()) return false;
  try {
    process.kill(attempt.pid, 0);
  } catch (cause) {
    // Not ours to signal, but there.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return attempt.born === null || attempt.born === bornOf(attempt.pid);
}

function hostHash(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 12);
}

/** Field 22 of `/proc/PID/stat` (proc_pid_stat(5)): ticks since the machine started. The name in field 2 may hold anything. */
function bornOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
