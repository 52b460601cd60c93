const MAX_REASONS = 3;
/** Messages of more names than these are counted together: names come from outside. */
const MAX_NAMES = 100;

/** What a decoder met besides the events. */
export class DecoderLog {
  messages = 0;
  unparsable = 0;
  snapshots = 0;
  /** Snapshots that name no symbol, in a recording of several. */
  snapshotsLeftOut = 0;
  otherSymbols = 0;
  /** The first unreadable lines: where, and why. */
  readonly reasons: string[] = [];
  /** Messages that change neither the book nor the tape, by name. */
  readonly others = new Map<string, number>();

  countOther(name: string): void {
    const counted = this.others.has(name) || this.others.size < MAX_NAMES ? name : 'of yet other names';
    this.others.set(counted, (this.others.get(counted) ?? 0) + 1);
  }

  countUnparsable(where: string, reason: string): void {
    this.unparsable++;
    if (this.reasons.length < MAX_REASONS) this.reasons.push(`${where}: ${reason}`);
  }

  /** In words, for a user; `ended`: there is nothing more to come. */
  notes(ended: boolean): string[] {
    const notes: string[] = [];
    if (ended && this.snapshots === 0) {
      notes.push('no snapshot in the recording: the book is never synced, and no forecast is made');
    }
    if (this.snapshotsLeftOut > 0) {
      notes.push(`${this.snapshotsLeftOut} snapshots left out: the recording has several symbols, and they name none`);
    }
    if (this.otherSymbols > 0) notes.push(`${this.otherSymbols} messages of other symbols left out`);
    for (const [name, count] of this.others) notes.push(`${count} messages left out: ${name}`);
    for (const reason of this.reasons) notes.push(`unreadable: ${reason}`);
    return notes;
  }
}
