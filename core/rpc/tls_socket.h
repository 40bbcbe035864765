#pragma once

namespace coffer::rpc {

/// Has the system end the TCP connection of a peer that has gone without a word (power cut, pulled
/// cable) after a minute or so, idle or not. Failures are ignored: calls have deadlines as well.
void watchPeer(int socket);

/// Ends a connection both ways. Its descriptor stays its owner's.
void hangUp(int socket);

/// Raises this process's limit of descriptors as far as it may; gives it.
long raiseDescriptorLimit();

}  // namespace coffer::rpc
