import { expect, test } from 'vitest';
import { ticks } from './process-usage.ts';

test('user and system time are read behind a command of any characters', () => {
  const numbers = Array.from({ length: 50 }, (_, index) => String(index + 3))
    .slice(1)
    .join(' ');
  expect(ticks(`42 (a) b (c) S ${numbers}`)).toBe(14 + 15);
});
