#pragma once

#include <omniORB4/CORBA.h>

namespace coffer::fake {

class Server;

// New servants of what tells how things are, likewise.
PortableServer::ServantBase* makeEventLog(Server& server);
PortableServer::ServantBase* makeRunLog(Server& server);
PortableServer::ServantBase* makeStatusBoard(Server& server);
PortableServer::ServantBase* makeQueueBoard(Server& server);
PortableServer::ServantBase* makeSettingsManager(Server& server);
PortableServer::ServantBase* makeFileCatalog(Server& server);

}  // namespace coffer::fake
