package snmp

// sizer chooses how many variable bindings one GETBULK asks for. It starts
// small, grows while answers fit one datagram of the path, and keeps in mind,
// for all tables of the device, what the agent could not answer.
type sizer struct {
	start int // repetitions of the first request of a table
	most  int // bindings the agent was seen to fail at, less one
	fails map[int]int
}

// fits is how many octets of answer are asked for: a datagram that no path
// needs to fragment.
const fits = 1400

// first gives the repetitions of the first request for columns.
func (z *sizer) first(columns int) int {
	return z.cap(min(z.start, max(1, fits/(columns*30))), columns)
}

// cap keeps reps within what the agent can bear.
func (z *sizer) cap(reps, columns int) int {
	return max(1, min(reps, z.most/max(1, columns)))
}

// grow gives the next repetitions after an answer of size octets with rows
// repetitions.
func (z *sizer) grow(reps, columns, rows, size int) int {
	if rows < 1 || rows < reps {
		return z.cap(reps, columns)
	}
	next := reps + max(1, reps/2)
	if room := fits * rows / max(1, size); next > room {
		next = max(reps, room)
	}
	return z.cap(next, columns)
}

// shrink gives the repetitions to try after a failure. An answer that was too
// big, or a size that failed twice, is never asked for again.
func (z *sizer) shrink(reps, columns int, certain bool) int {
	n := reps * columns
	if z.fails == nil {
		z.fails = map[int]int{}
	}
	z.fails[n]++
	if certain || z.fails[n] > 1 {
		z.most = max(1, min(z.most, n-1))
	}
	return max(1, reps/2)
}
