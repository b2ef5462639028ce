// How many real digits the lab brings along.

export const HELD_OUT_PER_DIGIT = 100;
export const TRAINING_PER_DIGIT = 600;
