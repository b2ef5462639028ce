// Medians and spreads of some rounds.

const quantile = (sorted, share) => {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
};

/** Median and quartiles. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    rounds: values.length,
  };
}

/** Median and quartiles of the ratio of two contestants, round by round, so that what slows both drops out. */
export function ratio(values, others) {
  const both = Math.min(values.length, others.length);
  return summary(values.slice(0, both).map((value, round) => value / others[round]));
}
