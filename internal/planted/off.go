//go:build !planted

package planted

// Bug is the one that is built in.
const Bug = None
