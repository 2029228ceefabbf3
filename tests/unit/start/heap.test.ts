import { describe, expect, it } from 'vitest';
import { heapWords } from '../../../services/start/heap.mjs';

describe('the heap of the SIP service', () => {
  it('may take three fifths of the memory, where Node by itself stops earlier', () => {
    expect(heapWords({ availableMb: 32_000, limitMb: 4_144 })).toEqual(['--max-old-space-size=19200']);
  });

  it('is left to Node where Node takes as much', () => {
    expect(heapWords({ availableMb: 2_000, limitMb: 2_096 })).toEqual([]);
  });

  it('is as NODE_OPTIONS says, where it says', () => {
    for (const nodeOptions of ['--max-old-space-size=900', '--trace-warnings --max_old_space_size=900'])
      expect(heapWords({ availableMb: 32_000, limitMb: 900, nodeOptions })).toEqual([]);
    expect(heapWords({ availableMb: 1_000, limitMb: 500, nodeOptions: '--trace-warnings' })).toHaveLength(1);
  });
});
