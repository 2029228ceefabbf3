/** One of the list after the other, far apart from each other, each as often: what was asked for just now is not asked for again. */
export function scattered(list) {
  const step = list.length < 3 ? 1 : strideOf(list.length);
  let at = 0;
  return () => {
    at = (at + step) % list.length;
    return list[at];
  };
}

/** About the golden section of the length, and prime to it. */
function strideOf(length) {
  let step = Math.round(length * 0.618);
  while (divisor(step, length) !== 1) step += 1;
  return step;
}

const divisor = (one, other) => (other === 0 ? one : divisor(other, one % other));
