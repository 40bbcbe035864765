#include "management_server/notify/syslog_channel.h"

#include <Poco/Net/DatagramSocket.h>
#include <Poco/Net/SocketAddress.h>

#include "management_server/notify/local_datagram.h"
#include "management_server/notify/syslog_line.h"

namespace coffer {

namespace {

constexpr std::uint16_t syslogPort = 514;
constexpr std::size_t longestDatagram = 2'048;  // what every receiver should take, RFC 5426

}  // namespace

void SyslogChannel::send(std::span<const Notification> news) {
    if (settings_.to.starts_with('/')) {
        for (const Notification& each : news) {
            sendLocalDatagram(settings_.to, localSyslogLine(each));
        }
        return;
    }
    outgoing("syslog " + settings_.to,
             [&] { settings_.to.starts_with("udp:") ? sendByUdp(news) : sendByTcp(news); });
}

void SyslogChannel::sendByUdp(std::span<const Notification> news) {
    const Endpoint to = Endpoint::parse(settings_.to.substr(4), syslogPort);
    Poco::Net::DatagramSocket socket;
    socket.connect(Poco::Net::SocketAddress(to.host, to.port));
    for (const Notification& each : news) {
        const std::string line = syslogLine(each, host_).substr(0, longestDatagram);
        socket.sendBytes(line.data(), static_cast<int>(line.size()));
    }
}

void SyslogChannel::sendByTcp(std::span<const Notification> news) {
    Poco::Net::StreamSocket socket = connected(Endpoint::parse(settings_.to.substr(4), syslogPort));
    const auto hold = open_.set(socket);
    std::string frames;
    for (const Notification& each : news) {
        const std::string line = syslogLine(each, host_);
        frames += std::to_string(line.size()) + " " + line;
    }
    for (std::size_t sent = 0; sent < frames.size();) {
        const int count =
            socket.sendBytes(frames.data() + sent, static_cast<int>(frames.size() - sent));
        if (count <= 0) throw Error(ErrorCode::unavailable, "the receiver has gone");
        sent += static_cast<std::size_t>(count);
    }
    socket.shutdownSend();
    char rest = 0;
    // It ends the connection when it has read all.
    socket.receiveBytes(&rest, 1);
}

}  // namespace coffer
