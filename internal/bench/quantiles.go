package bench

import (
	"fmt"
	"slices"
	"time"
)

// Quantiles of durations, in milliseconds.
type Quantiles struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99_9"`
	Max   float64 `json:"max"`
}

// QuantilesOf sorts the durations; zeros without any.
func QuantilesOf(times []time.Duration) Quantiles {
	slices.Sort(times)
	at := func(q float64) float64 {
		if len(times) == 0 {
			return 0
		}
		i := min(int(q*float64(len(times))), len(times)-1)
		return float64(times[i].Microseconds()) / 1000
	}
	return Quantiles{Count: len(times), P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: at(1)}
}

// String gives the quantiles for people.
func (q Quantiles) String() string {
	digits := 1
	if q.P50 < 10 {
		digits = 2
	}
	return fmt.Sprintf("p50 %.*f, p99 %.*f, p99.9 %.*f, max %.*f ms", digits, q.P50, digits, q.P99, digits, q.P999, digits, q.Max)
}
