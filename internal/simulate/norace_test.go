//go:build !race

package simulate_test

const usualSeeds = 2000

// alikeOfTen is how many of ten seeds must tell the same story twice.
const alikeOfTen = 7
