#pragma once

#include <omniORB4/CORBA.h>

namespace coffer::fake {

class Server;

// New servants that answer from what the server holds.
PortableServer::ServantBase* makeAgentManager(Server& server);
PortableServer::ServantBase* makeRunManager(Server& server);
PortableServer::ServantBase* makeSnapshotManager(Server& server);
PortableServer::ServantBase* makeRepositoryManager(Server& server);
PortableServer::ServantBase* makeTaskManager(Server& server);

}  // namespace coffer::fake
