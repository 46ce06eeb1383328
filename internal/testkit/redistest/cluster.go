package redistest

import (
	"strconv"
	"strings"
	"testing"
)

// slots is the number of hash slots of a cluster.
const slots = 16384

// StartCluster starts n masters that share the slots evenly, without replicas,
// and waits until they agree.
func StartCluster(t testing.TB, n int) []*Server {
	t.Helper()
	nodes := make([]*Server, n)
	for i := range nodes {
		nodes[i] = Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", strconv.Itoa(freePort(t)))
	}
	for i, s := range nodes {
		s.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*slots/n), strconv.Itoa((i+1)*slots/n-1))
		s.Do("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
	}
	first := nodes[0]
	for _, s := range nodes[1:] {
		s.Do("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(first.port), first.args[len(first.args)-1])
	}
	poll(t, "the nodes of the cluster agree", func() bool { return agreed(nodes) })
	return nodes
}

// ClusterURL is the comma list of the nodes' addresses.
func ClusterURL(nodes []*Server) string {
	addrs := make([]string, len(nodes))
	for i, s := range nodes {
		addrs[i] = s.Addr()
	}
	return "redis://" + strings.Join(addrs, ",")
}

func agreed(nodes []*Server) bool {
	for _, s := range nodes {
		reply := s.Do("CLUSTER", "INFO")
		info, _ := reply.ToString()
		if !strings.Contains(info, "cluster_state:ok") ||
			!strings.Contains(info, "cluster_known_nodes:"+strconv.Itoa(len(nodes))+"\r") ||
			!strings.Contains(info, "cluster_slots_assigned:"+strconv.Itoa(slots)) {
			return false
		}
	}
	return true
}
