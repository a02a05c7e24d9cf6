package capture

import "golang.org/x/net/bpf"

// filter gives the program the kernel runs on each frame: it drops what the
// interface itself sends, and takes group addresses, the address of EDP, ARP,
// and UDP to or from the ports whose unicast is wanted, all also behind one or
// two VLAN tags. All else never leaves the kernel.
func filter() []bpf.Instruction {
	takeIf := func(load bpf.Instruction, test bpf.JumpTest, val uint32) []bpf.Instruction {
		return []bpf.Instruction{load, bpf.JumpIf{Cond: test, Val: val, SkipFalse: 1}, bpf.RetConstant{Val: snapLength}}
	}
	prog := []bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 4, SkipFalse: 1}, // PACKET_OUTGOING
		bpf.RetConstant{Val: 0},
	}
	prog = append(prog, takeIf(bpf.LoadAbsolute{Off: 0, Size: 1}, bpf.JumpBitsSet, 1)...)
	prog = append(prog, takeIf(bpf.LoadAbsolute{Off: 0, Size: 4}, bpf.JumpEqual, 0x00e02b00)...)
	// X is how far tags have moved the EtherType.
	prog = append(prog, bpf.LoadConstant{Dst: bpf.RegX, Val: 0})
	for range 2 {
		prog = append(prog,
			bpf.LoadIndirect{Off: 12, Size: 2},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0x8100, SkipTrue: 1},
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0x88a8, SkipTrue: 3},
			bpf.TXA{},
			bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: 4},
			bpf.TAX{})
	}
	prog = append(prog, takeIf(bpf.LoadIndirect{Off: 12, Size: 2}, bpf.JumpEqual, 0x0806)...)
	four, six := filterIPv4(), filterIPv6()
	prog = append(prog, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0x0800, SkipTrue: uint8(len(four))})
	prog = append(prog, four...)
	prog = append(prog, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 0x86dd, SkipTrue: uint8(len(six))})
	prog = append(prog, six...)
	return append(prog, bpf.RetConstant{Val: 0})
}

// filterIPv4 takes wanted UDP ports of first fragments. X is where the IP
// header begins, less 14; the header's length is added to it.
func filterIPv4() []bpf.Instruction {
	prog := []bpf.Instruction{
		bpf.LoadIndirect{Off: 23, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 17, SkipTrue: 1},
		bpf.RetConstant{Val: 0},
		bpf.LoadIndirect{Off: 20, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: 0x1fff, SkipTrue: 1},
		bpf.RetConstant{Val: 0},
		bpf.LoadIndirect{Off: 14, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 15},
		bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2},
		bpf.ALUOpX{Op: bpf.ALUOpAdd},
		bpf.TAX{},
	}
	return append(prog, filterPorts(14)...)
}

func filterIPv6() []bpf.Instruction {
	prog := []bpf.Instruction{
		bpf.LoadIndirect{Off: 20, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 17, SkipTrue: 1},
		bpf.RetConstant{Val: 0},
	}
	return append(prog, filterPorts(54)...)
}

// filterPorts decides by the UDP ports at X + off.
func filterPorts(off uint32) []bpf.Instruction {
	var prog []bpf.Instruction
	ports := []uint32{67, 68, 162, 5246, 5247, 5678, 10001, 12222, 12223}
	for _, at := range []uint32{off, off + 2} {
		prog = append(prog, bpf.LoadIndirect{Off: at, Size: 2})
		for _, p := range ports {
			prog = append(prog, bpf.JumpIf{Cond: bpf.JumpEqual, Val: p, SkipFalse: 1}, bpf.RetConstant{Val: snapLength})
		}
	}
	return append(prog, bpf.RetConstant{Val: 0})
}
